#include "model/schedule.h"

#include <gtest/gtest.h>

namespace csim {
namespace {

Choice C(int task, uint32_t alternative = 0) {
  return {TaskId{static_cast<uint16_t>(task)}, alternative};
}

std::string Text(const Schedule& schedule) {
  std::pmr::string text;
  schedule.AppendText(text);
  return std::string(text);
}

TEST(Schedule, TextOfRuns) {
  Schedule s(std::pmr::new_delete_resource());
  EXPECT_EQ(Text(s), "");
  for (int i = 0; i < 12; ++i) s.Append(C(0));
  s.Append(C(1));
  s.Append(C(0));
  for (int i = 0; i < 3; ++i) s.Append(C(2, 1));
  EXPECT_EQ(Text(s), "0x12 1 0 2:1x3");
  EXPECT_EQ(s.size(), 17u);
  Schedule t(std::pmr::new_delete_resource());
  EXPECT_EQ(t.Parse(Text(s)).message, nullptr);
  EXPECT_TRUE(s == t);
  EXPECT_EQ(t.size(), 17u);
}

TEST(Schedule, CursorReadsEveryChoice) {
  Schedule s(std::pmr::new_delete_resource());
  std::vector<Choice> choices = {C(0), C(0), C(1, 2), C(0), C(3), C(3)};
  for (Choice c : choices) s.Append(c);
  std::vector<Choice> read;
  for (ScheduleCursor at(s); !at.AtEnd(); at.Next()) read.push_back(at.Get());
  EXPECT_EQ(read, choices);
}

struct BadText {
  const char* text;
  const char* message;
  size_t position;
};
void PrintTo(const BadText& bad, std::ostream* os) { *os << '"' << bad.text << '"'; }

class ScheduleParse : public testing::TestWithParam<BadText> {};

TEST_P(ScheduleParse, RefusesWithAReason) {
  Schedule s(std::pmr::new_delete_resource());
  s.Append(C(1));
  Schedule::ParseError error = s.Parse(GetParam().text);
  ASSERT_NE(error.message, nullptr);
  EXPECT_STREQ(error.message, GetParam().message);
  EXPECT_EQ(error.position, GetParam().position);
  EXPECT_TRUE(s.empty());
}

INSTANTIATE_TEST_SUITE_P(
    Texts, ScheduleParse,
    testing::Values(
        BadText{"x", "a number is expected", 0}, BadText{" 1", "a number is expected", 0},
        BadText{"1 ", "a number is expected", 2}, BadText{"1  2", "a number is expected", 2},
        BadText{"1,2", "a space is expected", 1}, BadText{"01", "a number has no leading zeros", 0},
        BadText{"65535", "the number is too big", 0},
        BadText{"99999999999999", "the number is too big", 0},
        BadText{"1x1", "a count is at least 2", 3}, BadText{"1x0", "a count is at least 2", 3},
        BadText{"1x4294967296", "the number is too big", 2},
        BadText{"1:0", "alternative 0 is not written", 3}, BadText{"1:", "a number is expected", 2},
        BadText{"-1", "a number is expected", 0},
        BadText{"1 1", "two neighbouring runs of the same choice", 2}));

}  // namespace
}  // namespace csim
