// Files that are cut short or have a flipped bit: a coded error, or a model that infers.
#include "formats/onnx/models.h"

namespace ponte::test {
namespace {

// Whether the model reads; what it throws must be a coded error.
bool still_reads(std::string_view bytes) {
  Diagnostics problems;
  try {
    const ir::Model model = read_bytes(bytes, problems, onnx_data());
    model.graph->infer_all();
    return !problems.has_errors();
  } catch (const Error&) {
    return false;
  }
}

void damage(const std::string& original) {
  ASSERT_TRUE(still_reads(original));
  for (std::size_t size = 0; size < original.size(); ++size)
    still_reads(std::string_view(original).substr(0, size));
  std::string changed = original;
  for (std::size_t bit = 0; bit < original.size() * 8; ++bit) {
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
    still_reads(changed);
    changed[bit / 8] = original[bit / 8];
  }
}

class OnnxDamage : public testing::TestWithParam<const char*> {};

TEST_P(OnnxDamage, is_an_error_or_another_model) { damage(text_of(onnx_data() / GetParam())); }

INSTANTIATE_TEST_SUITE_P(Fixtures, OnnxDamage,
                         testing::Values("attributes.onnx", "control.onnx", "external.onnx",
                                         "functions.onnx", "parts.onnx", "tensors.onnx",
                                         "opsets/before_18.onnx", "opsets/before_13.onnx",
                                         "opsets/carried_9.onnx", "opsets/refused_18.onnx"),
                         [](const auto& fixture) {
                           std::string name = fixture.param;
                           std::erase_if(name, [](char c) {
                             return !std::isalnum(static_cast<unsigned char>(c));
                           });
                           return name;
                         });

TEST(OnnxDamageOfWritten, models_leaves_nothing_half_written) {
  const TemporaryFolder folder;
  std::string changed = text_of(onnx_data() / "parts.onnx");
  for (std::size_t bit = 0; bit < changed.size() * 8; bit += 7) {
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
    Diagnostics problems;
    try {
      const ir::Model model = read_bytes(changed, problems, onnx_data());
      if (!problems.has_errors()) onnx::write(model, folder / "out.onnx", {.opset = 18}, problems);
      if (std::filesystem::exists(folder / "out.onnx")) read_sound(folder / "out.onnx");
    } catch (const Error&) {
    }
    std::filesystem::remove(folder / "out.onnx");
    EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
  }
}

}  // namespace
}  // namespace ponte::test
