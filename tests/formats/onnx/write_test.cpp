// Files that are written appear whole or not at all.
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>

#include "formats/onnx/models.h"
#include "ir/text.h"

namespace ponte::test {
namespace {

namespace fs = std::filesystem;

ir::Model with_weights(const std::vector<std::string>& payloads) {
  GraphParts parts{.inputs = {value("x", {512})}, .outputs = {value("y", {512})}};
  std::vector<std::string> terms{"x"};
  for (std::size_t i = 0; i < payloads.size(); ++i) {
    const std::string name = "w" + std::to_string(i);
    parts.initializers.push_back(tensor(name, {512}, payloads[i]));
    terms.push_back(name);
  }
  parts.nodes = {node("Sum", terms, {"y"})};
  return read_bytes(bytes_of(model(graph(parts))));
}

std::string payload(char c) { return std::string(2048, c); }

std::vector<std::string> names_in(const fs::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) names.push_back(entry.path().filename());
  std::ranges::sort(names);
  return names;
}

const onnx::WriteOptions outside{.opset = {}, .external_above_bytes = 0};

TEST(OnnxWriter, puts_weights_beside_a_model_that_would_be_too_large) {
  const TemporaryFolder folder;
  const ir::Model model = with_weights({payload('a'), payload('b')});
  EXPECT_EQ(write_sound(model, folder / "in.onnx", {.opset = {}, .external_above_bytes = 1 << 20})
                .files.size(),
            1U);
  const auto result = write_sound(model, folder / "out.onnx", outside);
  ASSERT_EQ(result.files.size(), 2U);
  EXPECT_LT(result.files[0].bytes, 1000U);
  EXPECT_EQ(result.files[1].bytes, 4096U + 2048U) << "tensors start at pages";
  const ir::Model again = read_sound(folder / "out.onnx");
  EXPECT_EQ(again.graph->find("w1")->tensor()->read_all(),
            model.graph->find("w1")->tensor()->read_all());
}

TEST(OnnxWriter, gives_every_graph_a_name_that_comes_without_one) {
  const TemporaryFolder folder;
  ir::Model model = with_weights({payload('a')});
  model.graph = ir::parse_graph(R"(input c: bool[]
input x: f32[2]
y = If(c) {then_branch = graph {
  a = Neg(x)
  output a
}, else_branch = graph {
  b = Abs(x)
  output b
}}
output y
)",
                                ops::all_ops());
  write_sound(model, folder / "out.onnx", {});
  const ir::Model again = read_sound(folder / "out.onnx");
  EXPECT_EQ(again.graph->name, "graph");
  for (const ir::Subgraph& branch : again.graph->nodes().front().subgraphs())
    EXPECT_EQ(branch.graph->name, "graph");
}

TEST(OnnxWriter, makes_no_data_file_for_weights_that_are_all_small) {
  const TemporaryFolder folder;
  GraphParts parts{.inputs = {value("x", {1})}, .outputs = {value("y", {1})}};
  parts.initializers = {tensor("w", {1}, std::string(4, 'w'))};
  parts.nodes = {node("Add", {"x", "w"}, {"y"})};
  const ir::Model model = read_bytes(bytes_of(test::model(graph(parts))));
  for (int time = 0; time < 2; ++time) {
    EXPECT_EQ(write_sound(model, folder / "out.onnx", outside).files.size(), 1U);
    EXPECT_EQ(names_in(folder.path()), std::vector<std::string>{"out.onnx"});
  }
  EXPECT_EQ(read_sound(folder / "out.onnx").graph->find("w")->tensor()->size_bytes(), 4U);
}

TEST(OnnxWriter, gives_the_same_bytes_for_the_same_model) {
  const TemporaryFolder first, second;
  const ir::Model model = with_weights({payload('a'), payload('b')});
  write_sound(model, first / "out.onnx", outside);
  write_sound(model, second / "out.onnx", outside);
  EXPECT_EQ(names_in(first.path()), names_in(second.path()));
  for (const std::string& name : names_in(first.path()))
    EXPECT_EQ(text_of(first / name), text_of(second / name));
}

TEST(OnnxWriter, replaces_old_data_only_after_the_model) {
  const TemporaryFolder folder;
  write_sound(with_weights({payload('a')}), folder / "out.onnx", outside);
  const auto before = names_in(folder.path());
  write_sound(with_weights({payload('b')}), folder / "out.onnx", outside);
  const auto after = names_in(folder.path());
  ASSERT_EQ(after.size(), 2U);
  EXPECT_NE(after[1], before[1]) << "other bytes need another name";
  EXPECT_EQ(text_of(folder / after[1]), payload('b'));
  write_sound(with_weights({payload('b')}), folder / "out.onnx");
  EXPECT_EQ(names_in(folder.path()), std::vector<std::string>{"out.onnx"});
}

TEST(OnnxWriter, puts_data_beside_the_file_that_a_link_leads_to) {
  const TemporaryFolder folder;
  folder.write("real/out.onnx", "old");
  fs::create_symlink("real/out.onnx", folder / "link.onnx");
  write_sound(with_weights({payload('a')}), folder / "link.onnx", outside);
  EXPECT_TRUE(fs::is_symlink(folder / "link.onnx"));
  EXPECT_EQ(names_in(folder / "real").size(), 2U);
  EXPECT_EQ(read_sound(folder / "real/out.onnx").graph->find("w0")->tensor()->size_bytes(), 2048U);
}

TEST(OnnxWriter, leaves_the_files_of_other_models_alone) {
  const TemporaryFolder folder;
  folder.write("other.onnx.12345678.data", "theirs");
  folder.write("out.onnx.data", "theirs");
  write_sound(with_weights({payload('a')}), folder / "out.onnx", outside);
  EXPECT_EQ(text_of(folder / "other.onnx.12345678.data"), "theirs");
  EXPECT_EQ(text_of(folder / "out.onnx.data"), "theirs");
}

// In a child process, whose limit of file sizes ends with it.
int code_of_writing_within(rlim_t most_bytes, const ir::Model& model, const fs::path& path,
                           const onnx::WriteOptions& options) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{most_bytes, most_bytes};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    Diagnostics problems;
    try {
      onnx::write(model, path, options, problems);
    } catch (const Error& error) {
      ::_exit(error.code() == Code::CannotWriteFile ? 0 : 2);
    }
    ::_exit(1);
  }
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(OnnxWriter, keeps_what_is_there_when_the_disk_is_full) {
  const ir::Model model = with_weights(std::vector<std::string>(8, payload('a')));
  for (const onnx::WriteOptions& options : {onnx::WriteOptions{}, outside}) {
    const TemporaryFolder folder;
    folder.write("out.onnx", "as it was");
    EXPECT_EQ(code_of_writing_within(5000, model, folder / "out.onnx", options), 0);
    EXPECT_EQ(text_of(folder / "out.onnx"), "as it was");
    EXPECT_EQ(names_in(folder.path()), std::vector<std::string>{"out.onnx"});
  }
}

TEST(OnnxWriter, that_is_killed_leaves_the_old_model_or_the_new_one) {
  const TemporaryFolder folder;
  const ir::Model old_model = with_weights({payload('a')});
  const ir::Model new_model = with_weights({payload('b'), payload('c')});
  for (int microseconds = 0; microseconds < 4000; microseconds += 200) {
    write_sound(old_model, folder / "out.onnx", outside);
    const pid_t child = ::fork();
    if (child == 0) {
      Diagnostics problems;
      try {
        for (;;) onnx::write(new_model, folder / "out.onnx", outside, problems);
      } catch (const Error&) {
      }
      ::_exit(1);
    }
    ::usleep(static_cast<useconds_t>(microseconds));
    ::kill(child, SIGKILL);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    const ir::Model left = read_sound(folder / "out.onnx");
    const bool is_new = left.graph->find("w1") != nullptr;
    const std::string expected = is_new ? payload('b') : payload('a');
    std::string bytes(2048, ' ');
    left.graph->find("w0")->tensor()->read(0, std::as_writable_bytes(std::span(bytes)));
    EXPECT_EQ(bytes, expected);
  }
}

}  // namespace
}  // namespace ponte::test
