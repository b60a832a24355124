// What `csim instrument` prints, and the parts it is made of.
#include "instrument/show.h"

#include <gtest/gtest.h>

#include "instrument/source/edits.h"
#include "tests/instrument/program.h"

namespace csim::instrument {
namespace {

TEST(ShowTest, RewrittenSourceKeepsLinesAndUntouchedFilesAreTheSame) {
  Workshop shop;
  const std::string with = "#include <assert.h>\nint main() {\n  assert(1 ==\n         1);\n}\n";
  const ShowResult changed = RewrittenSource(shop.Request({shop.Write("a.c", with)}));
  ASSERT_TRUE(changed.ok);
  EXPECT_EQ(changed.text,
            "#include <assert.h>\nint main() {\n  csim_assert_int_eq(1, \n1, \"vv\", \"1 == 1\", "
            "__FILE__, 3, \"main\");\n}\n");
  const std::string without = "int main() { return 0; }\n";
  EXPECT_EQ(RewrittenSource(shop.Request({shop.Write("b.c", without)})).text, without);
}

TEST(ShowTest, DiffIsUnifiedAndEmptyIfNothingChanges) {
  Workshop shop;
  const std::string path =
      shop.Write("a.c", "#include <assert.h>\nint main() {\n  assert(1 == 1);\n}\n");
  EXPECT_EQ(Diff(shop.Request({path})).text,
            "--- " + path + "\n+++ " + path +
                " (instrumented)\n@@ -1,4 +1,4 @@\n #include <assert.h>\n int main() {\n"
                "-  assert(1 == 1);\n"
                "+  csim_assert_int_eq(1, 1, \"vv\", \"1 == 1\", __FILE__, 3, \"main\");\n }\n");
  EXPECT_EQ(Diff(shop.Request({shop.Write("b.c", "int main() {}\n")})).text, "");
}

TEST(ShowTest, PointsAreMarkedInTheMargin) {
  Workshop shop;
  const std::string path = shop.Write("p.cpp",
                                      "#include <atomic>\n"
                                      "#include <mutex>\n"
                                      "#include <stdio.h>\n"
                                      "std::mutex m; std::atomic<int> a; int n;\n"
                                      "int main() {\n"
                                      "  m.lock();\n"
                                      "  ++n;\n"
                                      "  a = 1;\n"
                                      "  m.unlock();\n"
                                      "  puts(\"\");\n"
                                      "  int local = 1;\n"
                                      "  return local - 1;\n"
                                      "}\n");
  const ShowResult result = Points(shop.Request({path}));
  ASSERT_TRUE(result.ok) << result.error;
  for (const char* line : {"L        6    m.lock();\n", "rw       7    ++n;\n",
                           "A        8    a = 1;\n", "U        9    m.unlock();\n",
                           "O       10    puts(\"\");\n", "        11    int local = 1;\n"}) {
    EXPECT_NE(result.text.find(line), std::string::npos) << line << result.text;
  }
}

TEST(ShowTest, MissingFileIsNamed) {
  Workshop shop;
  EXPECT_EQ(Points(shop.Request({"none.cpp"})).error, "csim: error: no such file: 'none.cpp'");
}

TEST(FileEditsTest, OffsetsLeadBackToTheOriginal) {
  FileEdits edits("one two\nthree four\n");
  edits.Replace(4, 3, "2");        // one 2
  edits.Replace(8, 5, "[three]");  // [three] four
  EXPECT_EQ(edits.Apply(), "one 2\n[three] four\n");
  EXPECT_EQ(edits.ToOriginal(0), 0u);
  EXPECT_EQ(edits.ToOriginal(4), 4u);    // text that was put in: where it replaced
  EXPECT_EQ(edits.ToOriginal(5), 7u);    // the line break
  EXPECT_EQ(edits.ToOriginal(14), 14u);  // " four"
  EXPECT_EQ(edits.ColumnOf(14), 7u);
  EXPECT_EQ(edits.EndToOriginal(5), 7u);
}

TEST(FileEditsTest, LostLineBreaksArePutInAgain) {
  FileEdits edits("a\nb\nc\n");
  edits.Replace(0, 4, "x");
  EXPECT_EQ(edits.Apply(), "x\n\nc\n");
}

TEST(UnifiedDiffTest, DistantChangesAreSeparateHunks) {
  std::string before;
  std::string after;
  for (int i = 0; i < 30; ++i) {
    before += "line\n";
    after += i == 2 || i == 25 ? "LINE\n" : "line\n";
  }
  const std::string diff = UnifiedDiff("f", before, after);
  EXPECT_NE(diff.find("@@ -1,6 +1,6 @@\n"), std::string::npos) << diff;
  EXPECT_NE(diff.find("@@ -23,7 +23,7 @@\n"), std::string::npos) << diff;
}

}  // namespace
}  // namespace csim::instrument
