#include "plain_loop.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>

static uint64_t now_ns(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC_RAW, &time);
  return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static const char* message_of(const PlainLoop* loop, OrtStatus* status) {
  return status == NULL ? NULL : loop->api->GetErrorMessage(status);
}

/* The newest interface that both this library and the headers know. */
static const OrtApi* newest_api(const OrtApiBase* base) {
  for (uint32_t version = ORT_API_VERSION; version > 0; --version) {
    const OrtApi* api = base->GetApi(version);
    if (api != NULL) return api;
  }
  return NULL;
}

static const char* name_outputs(PlainLoop* loop) {
  OrtAllocator* allocator = NULL;
  const char* problem = message_of(loop, loop->api->GetAllocatorWithDefaultOptions(&allocator));
  if (problem == NULL)
    problem = message_of(loop, loop->api->SessionGetOutputCount(loop->session, &loop->output_count));
  if (problem != NULL) return problem;
  if (loop->output_count > plain_loop_most_values) return "the model has too many outputs";
  for (size_t i = 0; i < loop->output_count; ++i) {
    char* name = NULL;
    problem = message_of(loop,
                         loop->api->SessionGetOutputName(loop->session, i, allocator, &name));
    if (problem != NULL) return problem;
    loop->output_names[i] = name;
  }
  return NULL;
}

const char* plain_loop_open(PlainLoop* loop, const char* library, const char* model) {
  setenv("ORT_DISABLE_TELEMETRY", "1", 1);  // as the worker has it
  void* handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);
  if (handle == NULL) return dlerror();
  const OrtApiBase* (*get_base)(void) = NULL;
  *(void**)&get_base = dlsym(handle, "OrtGetApiBase");
  if (get_base == NULL) return "this library is not ONNX Runtime";
  loop->api = newest_api(get_base());
  if (loop->api == NULL) return "this ONNX Runtime has no interface that is known";

  OrtSessionOptions* options = NULL;
  const char* problem =
      message_of(loop, loop->api->CreateEnv(ORT_LOGGING_LEVEL_WARNING, "loop", &loop->environment));
  if (problem == NULL) problem = message_of(loop, loop->api->CreateSessionOptions(&options));
  if (problem == NULL)
    problem = message_of(
        loop, loop->api->CreateSession(loop->environment, model, options, &loop->session));
  return problem == NULL ? name_outputs(loop) : problem;
}

const char* plain_loop_add_input(PlainLoop* loop, const PlainLoopInput* input) {
  if (loop->input_count == plain_loop_most_values) return "the model has too many inputs";
  OrtMemoryInfo* memory = NULL;
  const char* problem = message_of(
      loop, loop->api->CreateCpuMemoryInfo(OrtDeviceAllocator, OrtMemTypeDefault, &memory));
  if (problem != NULL) return problem;
  loop->input_names[loop->input_count] = input->name;
  problem = message_of(loop, loop->api->CreateTensorWithDataAsOrtValue(
                                 memory, input->data, input->bytes, input->shape, input->rank,
                                 input->type, &loop->inputs[loop->input_count]));
  loop->api->ReleaseMemoryInfo(memory);
  ++loop->input_count;
  return problem;
}

const char* plain_loop_run(PlainLoop* loop, size_t count, uint64_t least_ns, size_t most,
                           uint64_t* start_ns, uint64_t* duration_ns, size_t* done) {
  OrtValue* outputs[plain_loop_most_values] = {NULL};
  const uint64_t begin = now_ns();
  uint64_t end = begin;
  for (*done = 0; *done < most && (*done < count || end - begin < least_ns); ++*done) {
    const uint64_t start = now_ns();
    OrtStatus* status =
        loop->api->Run(loop->session, NULL, loop->input_names, (const OrtValue* const*)loop->inputs,
                       loop->input_count, loop->output_names, loop->output_count, outputs);
    end = now_ns();
    if (status != NULL) return message_of(loop, status);
    start_ns[*done] = start;
    duration_ns[*done] = end - start;
    for (size_t i = 0; i < loop->output_count; ++i) {
      loop->api->ReleaseValue(outputs[i]);
      outputs[i] = NULL;
    }
  }
  return NULL;
}
