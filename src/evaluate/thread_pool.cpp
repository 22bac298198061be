#include "evaluate/thread_pool.h"

#include <algorithm>

namespace ponte::evaluate {
namespace {

thread_local bool inside_loop = false;

}  // namespace

ThreadPool::ThreadPool(int threads) {
  for (int i = 1; i < threads; ++i) {
    threads_.emplace_back([this](const std::stop_token& stop) { serve(stop); });
  }
}

ThreadPool::~ThreadPool() {
  for (std::jthread& thread : threads_) thread.request_stop();
}

void ThreadPool::parallel_for(std::int64_t count, std::int64_t grain, const Work& work) {
  if (count <= 0) return;
  const auto threads = static_cast<std::int64_t>(threads_.size()) + 1;
  grain = std::max<std::int64_t>(grain, 1);
  if (threads == 1 || inside_loop || count <= grain) {
    work(0, count);
    return;
  }
  {
    const std::lock_guard lock(mutex_);
    work_ = &work;
    next_ = 0;
    count_ = count;
    part_ = std::max(grain, (count + threads * 4 - 1) / (threads * 4));
    failure_ = nullptr;
  }
  wake_.notify_all();
  inside_loop = true;
  run_parts();
  inside_loop = false;
  std::unique_lock lock(mutex_);
  done_.wait(lock, [&] { return busy_ == 0; });
  work_ = nullptr;
  if (failure_) std::rethrow_exception(failure_);
}

void ThreadPool::run_parts() {
  std::unique_lock lock(mutex_);
  ++busy_;
  while (next_ < count_) {
    const std::int64_t begin = next_;
    const std::int64_t end = std::min(count_, begin + part_);
    next_ = end;
    const Work& work = *work_;
    lock.unlock();
    std::exception_ptr failure;
    try {
      work(begin, end);
    } catch (...) {
      failure = std::current_exception();
    }
    lock.lock();
    if (failure) {
      if (!failure_) failure_ = failure;
      next_ = count_;
    }
  }
  --busy_;
  if (busy_ == 0) done_.notify_all();
}

void ThreadPool::serve(const std::stop_token& stop) {
  inside_loop = true;
  while (true) {
    {
      std::unique_lock lock(mutex_);
      if (!wake_.wait(lock, stop, [&] { return work_ != nullptr && next_ < count_; })) return;
    }
    run_parts();
  }
}

}  // namespace ponte::evaluate
