// A fixed set of threads that share loops.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace ponte::evaluate {

class ThreadPool {
 public:
  // `threads` counts the caller: 1 runs everything in place.
  explicit ThreadPool(int threads);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  using Work = std::function<void(std::int64_t, std::int64_t)>;
  // Calls work(begin, end) over parts of [0, count) of at least `grain`; returns when all are done.
  // The first exception is thrown again. A loop inside a loop runs in place.
  void parallel_for(std::int64_t count, std::int64_t grain, const Work& work);

 private:
  void serve(const std::stop_token& stop);
  void run_parts();

  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::condition_variable done_;
  const Work* work_ = nullptr;
  std::int64_t next_ = 0;
  std::int64_t count_ = 0;
  std::int64_t part_ = 0;
  int busy_ = 0;
  std::exception_ptr failure_;
  std::vector<std::jthread> threads_;
};

}  // namespace ponte::evaluate
