// Which format a file has, and where the errors lead when it has none.
#include <gmock/gmock.h>

#include "base/expect_error.h"
#include "base/temporary_folder.h"
#include "convert/convert.h"

namespace ponte::convert {
namespace {

using testing::HasSubstr;

TEST(Formats, Each_one_has_a_reader) {
  for (const FormatRow& row : formats()) EXPECT_NE(row.read, nullptr) << row.name;
}

TEST(Formats, A_file_of_none_of_them_leads_to_the_list) {
  const test::TemporaryFolder folder;
  for (const char* name : {"model.pb", "model.tflite", "model.onn"}) {
    const auto file = folder.write(name, "\n\x1c\n\x05input\x12\x0bPlaceholder");
    const auto error = test::error_of([&] { recognise(file); });
    ASSERT_TRUE(error.has_value());
    EXPECT_EQ(error->code(), Code::UnknownFormat);
    EXPECT_THAT(error->help(), HasSubstr("`ponte formats` lists those that it reads"));
    for (const char* unread : {"tensorflow", "tflite", "FORMAT"})
      EXPECT_THAT(error->help(), testing::Not(HasSubstr(unread)));
  }
}

TEST(Formats, A_target_whose_name_says_none_leads_to_the_list) {
  const auto error = test::error_of([] { format_of_name("model.tflite"); });
  ASSERT_TRUE(error.has_value());
  EXPECT_EQ(error->code(), Code::UnknownName);
  EXPECT_THAT(error->help(), HasSubstr("`ponte formats` lists those that ponte writes"));
}

}  // namespace
}  // namespace ponte::convert
