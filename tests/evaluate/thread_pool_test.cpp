#include "evaluate/thread_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <numeric>
#include <stdexcept>

namespace ponte::evaluate {
namespace {

TEST(ThreadPool, Every_index_is_worked_on_once) {
  for (const int threads : {1, 2, 5}) {
    ThreadPool pool(threads);
    for (const std::int64_t count : {0, 1, 7, 1000}) {
      std::vector<std::atomic<int>> seen(static_cast<std::size_t>(count));
      pool.parallel_for(count, 3, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t i = begin; i < end; ++i) ++seen[static_cast<std::size_t>(i)];
      });
      for (const auto& times : seen) EXPECT_EQ(times, 1);
    }
  }
}

TEST(ThreadPool, The_first_exception_is_thrown_again_and_the_pool_goes_on) {
  ThreadPool pool(3);
  const auto fails = [](std::int64_t begin, std::int64_t) {
    if (begin >= 0) throw std::runtime_error("no");
  };
  EXPECT_THROW(pool.parallel_for(100, 1, fails), std::runtime_error);
  std::atomic<std::int64_t> count = 0;
  pool.parallel_for(100, 1, [&](std::int64_t begin, std::int64_t end) { count += end - begin; });
  EXPECT_EQ(count, 100);
}

TEST(ThreadPool, A_loop_inside_a_loop_runs_in_place) {
  ThreadPool pool(3);
  std::atomic<std::int64_t> count = 0;
  pool.parallel_for(10, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i)
      pool.parallel_for(10, 1, [&](std::int64_t b, std::int64_t e) { count += e - b; });
  });
  EXPECT_EQ(count, 100);
}

}  // namespace
}  // namespace ponte::evaluate
