/* What a C program does that measures ONNX Runtime by itself: one session, inputs made once, and a
 * loop that looks at the clock before and after Run. */
#pragma once

#include <onnxruntime_c_api.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { plain_loop_most_values = 16, plain_loop_most_dims = 8 };

typedef struct {
  const OrtApi* api;
  OrtEnv* environment;
  OrtSession* session;
  size_t input_count;
  const char* input_names[plain_loop_most_values];
  OrtValue* inputs[plain_loop_most_values];
  size_t output_count;
  const char* output_names[plain_loop_most_values];
} PlainLoop;

typedef struct {
  const char* name;
  ONNXTensorElementDataType type;
  const int64_t* shape;
  size_t rank;
  void* data;
  size_t bytes;
} PlainLoopInput;

/* All return null, or what went wrong. */
const char* plain_loop_open(PlainLoop* loop, const char* library, const char* model);
/* The data must outlive the loop. */
const char* plain_loop_add_input(PlainLoop* loop, const PlainLoopInput* input);
/* At least `count` executions and `least_ns`, at most `most`; *done is how many there were. */
const char* plain_loop_run(PlainLoop* loop, size_t count, uint64_t least_ns, size_t most,
                           uint64_t* start_ns, uint64_t* duration_ns, size_t* done);

#ifdef __cplusplus
}
#endif
