// A failed assertion tells its operands' values; nothing else about the program changes.
#include <gtest/gtest.h>

#include <ostream>

#include "tests/instrument/program.h"

namespace csim::instrument {
namespace {

struct AssertCase {
  const char* name;
  const char* file;
  const char* flag;
  const char* before;     // declarations
  const char* condition;  // of the assert, in main at line 3
  const char* values;     // "1 vs 2"
};

void PrintTo(const AssertCase& c, std::ostream* out) { *out << c.name; }

class FailedAssert : public testing::TestWithParam<AssertCase> {};

TEST_P(FailedAssert, TellsTheValues) {
  const AssertCase& c = GetParam();
  Workshop shop;
  const std::string source = std::string("#include <assert.h>\n") + c.before +
                             "\nint main() { assert(" + c.condition + "); return 1; }\n";
  const ProgramRun run = shop.BuildAndRun(c.file, source, {c.flag});
  EXPECT_EQ(run.exit_code, 42) << run.Log();
  EXPECT_EQ(run.output, shop.Path(c.file) + ":3: main: assertion `" + c.condition +
                            "` failed: " + c.values + "\n");
}

constexpr AssertCase kAsserts[] = {
    {"Int", "p.c", "-std=gnu17", "int a = 1, b = 2;", "a == b", "1 vs 2"},
    {"IntC11", "p.c", "-std=c11", "int a = 1, b = 2;", "a >= b", "1 vs 2"},
    {"IntC23", "p.c", "-std=c23", "int a = 1, b = 2;", "a == b", "1 vs 2"},
    {"IntCxx11", "p.cpp", "-std=c++11", "int a = 1, b = 2;", "a == b", "1 vs 2"},
    {"IntCxx23", "p.cpp", "-std=c++23", "int a = 1, b = 2;", "a == b", "1 vs 2"},
    {"NotEqual", "p.c", "-O0", "int a = 3;", "a != 3", "3 vs 3"},
    {"Less", "p.c", "-O2", "int a = 3;", "a < 2", "3 vs 2"},
    {"Parentheses", "p.c", "-O1", "int a = 3;", "((a + 1) <= (2))", "4 vs 2"},
    {"Char", "p.c", "-O1", "char a = 'x';", "a == 'y'", "'x' vs 'y'"},
    {"Bool", "p.cpp", "-O1", "bool a = true;", "a == false", "true vs false"},
    {"Unsigned", "p.c", "-O1", "unsigned a = 4000000000u;", "a == 1", "4000000000 vs 1"},
    {"MixedSigns", "p.c", "-O1", "unsigned a = 1; int b = -1;", "b < a", "4294967295 vs 1"},
    {"Long", "p.c", "-O1", "long a = -5000000000;", "a > 0", "-5000000000 vs 0"},
    {"Double", "p.c", "-O1", "double a = 0.5;", "a == 1", "0.5 vs 1"},
    {"Null", "p.c", "-O1", "int *a;", "a != 0", "null vs null"},
    {"Enum", "p.c", "-O1", "enum color { red, green } a = green;", "a == red", "1 vs 0"},
    {"ScopedEnum", "p.cpp", "-O1",
     "enum class Color : unsigned char { kRed, kGreen };\nColor a;"
     "struct { Color c; } s;\n#line 3",
     "Color::kGreen == s.c", "1 vs 0"},
    {"BitField", "p.c", "-O1", "struct { unsigned f : 3; } s = {5};", "s.f == 4", "5 vs 4"},
    {"Message", "p.c", "-O1", "int a = 1;", "a == 2 && \"why\"", "1 vs 2"},
    {"Atomic", "p.cpp", "-O1", "#include <atomic>\nstd::atomic<int> a{4};\n#line 3", "a == 5",
     "4 vs 5"},
    {"String", "p.cpp", "-O1", "#include <string>\nstd::string a = \"x\";\n#line 3", "a == \"yz\"",
     "\"x\" vs \"yz\""},
    {"StringNotEqual", "p.cpp", "-std=c++17",
     "#include <string>\nstd::string a = \"x\", b = a;\n#line 3", "a != b", "\"x\" vs \"x\""},
};
INSTANTIATE_TEST_SUITE_P(Values, FailedAssert, testing::ValuesIn(kAsserts),
                         [](const auto& info) { return std::string(info.param.name); });

TEST(AssertTest, OperandsAreEvaluatedOnce) {
  for (const char* file : {"p.c", "p.cpp"}) {
    Workshop shop;
    const ProgramRun run = shop.BuildAndRun(file,
                                            "#include <assert.h>\n"
                                            "int n;\n"
                                            "int next(void) { return ++n; }\n"
                                            "int main() { assert(next() == 1); return n - 1; }\n");
    EXPECT_EQ(run.exit_code, 0) << run.Log();
  }
}

TEST(AssertTest, SitesKeepLinesColumnsAndTexts) {
  Workshop shop;
  const ProgramRun run = shop.BuildAndRun("p.c",
                                          "#include <assert.h>\n"
                                          "int x, y;\n"
                                          "int main() {\n"
                                          "  assert(x ==  /* why */\n"
                                          "         y); x = 1;\n"
                                          "  return 0;\n"
                                          "}\n");
  const Row* left = run.Find("read", "x");
  const Row* right = run.Find("read", "y");
  const Row* write = run.Find("write", "x = 1");
  ASSERT_TRUE(left != nullptr && right != nullptr && write != nullptr) << run.Log();
  EXPECT_EQ(left->line, 4u);
  EXPECT_EQ(left->column, 10u);
  EXPECT_EQ(right->line, 5u);
  EXPECT_EQ(right->column, 10u);
  EXPECT_EQ(write->line, 5u);
  EXPECT_EQ(write->column, 16u);
  for (const Row& row : run.rows) EXPECT_EQ(row.stack, "main") << run.Log();
}

TEST(AssertTest, UnderNdebugNothingIsEvaluated) {
  Workshop shop;
  const ProgramRun run = shop.BuildAndRun("p.cpp",
                                          "#include <cassert>\n"
                                          "int n;\n"
                                          "int main() { assert(++n == 5); return n; }\n",
                                          {"-DNDEBUG"});
  EXPECT_EQ(run.exit_code, 0) << run.Log();
  EXPECT_TRUE(run.build.notes.empty());
}

TEST(AssertTest, StillWorksInsideExpressionsConstexprAndTemplates) {
  Workshop shop;
  const ProgramRun run = shop.BuildAndRun(
      "p.cpp",
      "#include <cassert>\n"
      "constexpr int half(int n) { assert(n % 2 == 0); return n / 2; }\n"
      "static_assert(half(8) == 4);\n"
      "template <class T> T twice(T n) { assert(n < T(100)); return (assert(n > 0), n + n); }\n"
      "int main() {\n"
      "  auto f = [](int n) { return assert(n == 3), n; };\n"
      "  return half(4) + twice(2) + f(3) - 9 + (true ? assert(half(2) == 1), 0 : 1);\n"
      "}\n");
  EXPECT_EQ(run.exit_code, 0) << run.Log();
  EXPECT_TRUE(run.build.notes.empty()) << run.build.notes[0];
}

TEST(AssertTest, WhatCannotBeRewrittenIsNotedAndStillFails) {
  Workshop shop;
  const ProgramRun run = shop.BuildAndRun("p.cpp",
                                          "#include <cassert>\n"
                                          "#define CHECK(x) assert(x)\n"
                                          "int n;\n"
                                          "int main() { CHECK(n == 0); assert(n); return 0; }\n");
  EXPECT_EQ(run.build.notes.size(), 2u);
  EXPECT_NE(run.output.find("Assertion `n' failed"), std::string::npos) << run.output;
}

TEST(AssertTest, AssertsInUserHeadersAreRewritten) {
  Workshop shop;
  shop.Write("check.h",
             "#include <assert.h>\n"
             "static inline void check(int n) { assert(n == 1); }\n");
  const ProgramRun run =
      shop.BuildAndRun("p.c", "#include \"check.h\"\nint main() { check(2); return 0; }\n");
  EXPECT_EQ(run.output, shop.Path("check.h") + ":2: check: assertion `n == 1` failed: 2 vs 1\n");
}

TEST(AssertTest, TheProgramsOwnAssertIsLeftAlone) {
  Workshop shop;
  const ProgramRun run = shop.BuildAndRun("p.c",
                                          "int n;\n"
                                          "#define assert(x) ((x) ? 0 : (n = 5))\n"
                                          "int main() { assert(n == 1); return n - 5; }\n");
  EXPECT_EQ(run.exit_code, 0) << run.Log();
  EXPECT_TRUE(run.build.notes.empty());
}

}  // namespace
}  // namespace csim::instrument
