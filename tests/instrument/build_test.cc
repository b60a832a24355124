// Build(): diagnostics, flags, several files, and the cache.
#include "instrument/build.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <thread>

#include "tests/instrument/program.h"

namespace csim::instrument {
namespace {

constexpr char kTrivial[] = "int main() { return 0; }\n";

TEST(DiagnosticsTest, SyntaxErrorsAreClangsOwn) {
  Workshop shop;
  std::string text;
  const std::string path = shop.Write("p.cpp", "int main() {\n  return zero;\n}\n");
  const BuildResult result = shop.Build(shop.Request({path}), &text);
  EXPECT_FALSE(result.ok);
  EXPECT_EQ(result.error, "");
  EXPECT_EQ(text, path +
                      ":2:10: error: use of undeclared identifier 'zero'\n"
                      "    2 |   return zero;\n"
                      "      |          ^\n"
                      "1 error generated.\n");
}

TEST(DiagnosticsTest, ErrorsOfAFileWithAssertAreShownOnce) {
  Workshop shop;
  std::string text;
  const std::string path =
      shop.Write("p.c", "#include <assert.h>\nint main() { assert(1 == 1); return x; }\n");
  EXPECT_FALSE(shop.Build(shop.Request({path}), &text).ok);
  EXPECT_EQ(text.find("undeclared identifier 'x'"), text.rfind("undeclared identifier 'x'"));
  EXPECT_NE(text.find("undeclared identifier 'x'"), std::string::npos);
}

TEST(DiagnosticsTest, ErrorsWithinLibraryTemplatesAreSeenInFilesWithAssert) {
  Workshop shop;
  std::string text;
  const std::string path =
      shop.Write("p.cpp",
                 "#include <cassert>\n#include <memory>\n"
                 "struct Hidden { private: ~Hidden(); };\n"
                 "int main() { std::unique_ptr<Hidden> p; assert(1 == 1); }\n");
  EXPECT_FALSE(shop.Build(shop.Request({path}), &text).ok);
  EXPECT_NE(text.find("private destructor"), std::string::npos) << text;
  EXPECT_NE(text.find("1 error generated."), std::string::npos) << text;
}

TEST(DiagnosticsTest, WarningsAreShownIfAskedForAndOnce) {
  Workshop shop;
  std::string text;
  const std::string path = shop.Write(
      "p.c", "#include <assert.h>\nint main() { int unused; assert(1 == 1); return 0; }\n");
  EXPECT_TRUE(shop.Build(shop.Request({path}), &text).ok);
  EXPECT_EQ(text, "");
  EXPECT_TRUE(shop.Build(shop.Request({path}, {"-Wall"}), &text).ok);
  EXPECT_NE(text.find("unused variable 'unused'"), std::string::npos) << text;
  EXPECT_EQ(text.find("unused variable"), text.rfind("unused variable"));
}

TEST(DiagnosticsTest, MissingFileIsNamed) {
  Workshop shop;
  const BuildResult result = shop.Build(shop.Request({"x.cpp"}));
  EXPECT_FALSE(result.ok);
  EXPECT_EQ(result.error, "csim: error: no such file: 'x.cpp'");
}

TEST(DiagnosticsTest, UndefinedSymbolsAreTheLinkersMatter) {
  Workshop shop;
  std::string text;
  const std::string path = shop.Write("p.c", "void missing(void); int main() { missing(); }\n");
  EXPECT_FALSE(shop.Build(shop.Request({path}), &text).ok);
  EXPECT_NE(text.find("undefined symbol: missing"), std::string::npos) << text;
  for (const std::string& file : shop.CacheFiles()) {
    EXPECT_EQ(file.find(".tmp"), std::string::npos) << file;
  }
}

TEST(FlagsTest, SanitizersAreRefused) {
  Workshop shop;
  const BuildResult result =
      shop.Build(shop.Request({shop.Write("p.c", kTrivial)}, {"-fsanitize=address"}));
  EXPECT_FALSE(result.ok);
  EXPECT_NE(result.error.find("-fsanitize=address"), std::string::npos);
}

TEST(FlagsTest, UnknownFlagIsAnError) {
  Workshop shop;
  std::string text;
  const std::string path = shop.Write("p.c", kTrivial);
  EXPECT_FALSE(shop.Build(shop.Request({path}, {"-fno-such-flag"}), &text).ok);
  EXPECT_NE(text.find("unknown argument: '-fno-such-flag'"), std::string::npos) << text;
}

TEST(FlagsTest, DefinesIncludesAndStandardReachTheCompiler) {
  Workshop shop;
  shop.Write("include/value.h", "#define VALUE 3\n");
  const ProgramRun run = shop.BuildAndRun(
      "p.cpp",
      "#include <value.h>\n"
      "int main() { return VALUE + EXTRA + (__cplusplus == 201703L ? 0 : 100); }\n",
      {"-I", shop.Path("include"), "-DEXTRA=4", "-std=c++17"});
  EXPECT_EQ(run.exit_code, 7);
}

TEST(FilesTest, SeveralFilesOfBothLanguagesMakeOneProgram) {
  Workshop shop;
  const std::string c = shop.Write("part.c", "int shared;\nint get(void) { return shared; }\n");
  const std::string cxx = shop.Write("main.cpp",
                                     "extern \"C\" int shared;\nextern \"C\" int get();\n"
                                     "int main() { shared = 4; return get(); }\n");
  const ProgramRun run = shop.BuildAndRun(shop.Request({c, cxx}, {"-std=c++20"}));
  EXPECT_EQ(run.exit_code, 4);
  const Row* read = run.Find("read", "shared");
  const Row* write = run.Find("write", "shared = 4");
  ASSERT_TRUE(read != nullptr && write != nullptr) << run.Log();
  EXPECT_EQ(read->file, c);
  EXPECT_EQ(read->stack, "get<main");
  EXPECT_EQ(write->file, cxx);
}

TEST(FilesTest, CFilesUnwindThroughCleanupHandlers) {
  Workshop shop;
  const ProgramRun run = shop.BuildAndRun("p.c",
                                          "#ifndef __EXCEPTIONS\n#error no exceptions\n#endif\n"
                                          "int main() { return 0; }\n");
  EXPECT_EQ(run.exit_code, 0);
}

TEST(CacheTest, NothingIsBuiltAgainWhenNothingChanged) {
  Workshop shop;
  const BuildRequest request = shop.Request({shop.Write("p.c", kTrivial)});
  const BuildResult first = shop.Build(request);
  const std::vector<std::string> files = shop.CacheFiles();
  const BuildResult second = shop.Build(request);
  EXPECT_FALSE(first.times.cached);
  EXPECT_TRUE(second.times.cached);
  EXPECT_EQ(first.program, second.program);
  EXPECT_EQ(first.hash, second.hash);
  EXPECT_EQ(shop.CacheFiles().size(), files.size());
}

TEST(CacheTest, ChangedHeaderChangedFlagAndChangedSourceBuildAnew) {
  Workshop shop;
  const std::string source =
      shop.Write("p.c", "#include \"value.h\"\nint main() { return VALUE; }\n");
  shop.Write("value.h", "#define VALUE 1\n");
  EXPECT_EQ(shop.BuildAndRun(shop.Request({source})).exit_code, 1);
  shop.Write("value.h", "#define VALUE 22\n");
  const ProgramRun second = shop.BuildAndRun(shop.Request({source}));
  EXPECT_EQ(second.exit_code, 22);
  EXPECT_FALSE(second.build.times.cached);
  EXPECT_FALSE(shop.Build(shop.Request({source}, {"-O2"})).times.cached);
  shop.Write("p.c", "#include \"value.h\"\nint main() { return VALUE + 1; }\n");
  EXPECT_EQ(shop.BuildAndRun(shop.Request({source})).exit_code, 23);
}

TEST(CacheTest, SameContentWithNewTimeIsNoChange) {
  Workshop shop;
  const std::string source =
      shop.Write("p.c", "#include \"value.h\"\nint main() { return VALUE; }\n");
  const std::string header = shop.Write("value.h", "#define VALUE 1\n");
  shop.Build(shop.Request({source}));
  std::filesystem::last_write_time(header, std::filesystem::file_time_type());
  EXPECT_TRUE(shop.Build(shop.Request({source})).times.cached);
}

TEST(CacheTest, FailedBuildsLeaveNoProgram) {
  Workshop shop;
  std::string text;
  shop.Build(shop.Request({shop.Write("p.c", "int main( {")}), &text);
  EXPECT_TRUE(shop.CacheFiles().empty()) << shop.CacheFiles()[0];
}

TEST(CacheTest, OnlyWholeFilesAreLeft) {
  Workshop shop;
  shop.Build(shop.Request({shop.Write("p.c", kTrivial)}));
  for (const std::string& file : shop.CacheFiles()) {
    EXPECT_EQ(file.find("tmp"), std::string::npos) << file;
  }
}

TEST(HashTest, DependsOnContentsAndFlagsButNotOnPlaces) {
  Workshop shop;
  const std::string a = shop.Build(shop.Request({shop.Write("a/p.c", kTrivial)})).hash;
  const std::string b = shop.Build(shop.Request({shop.Write("b/q.c", kTrivial)})).hash;
  const std::string c = shop.Build(shop.Request({shop.Write("c/p.c", "int main() { }\n")})).hash;
  const std::string d = shop.Build(shop.Request({shop.Path("a/p.c")}, {"-O2"})).hash;
  EXPECT_EQ(a, b);
  EXPECT_NE(a, c);
  EXPECT_NE(a, d);
  EXPECT_EQ(a.size(), 32u);
}

TEST(PchTest, IsMadeOnceAndUsed) {
  Workshop shop;
  BuildRequest request = shop.Request({shop.Write(
      "p.cpp",
      "#include <cassert>\n#include <vector>\n#include <mutex>\nstd::vector<int> v{1, 2};\n"
      "std::mutex m;\n"
      "int main() { m.lock(); assert(v[0] == 1); m.unlock(); return v[1] - 2; }\n")});
  request.pch = PchMode::kNow;
  const ProgramRun first = shop.BuildAndRun(request);
  EXPECT_EQ(first.exit_code, 0) << first.Log();
  EXPECT_GT(first.build.times.pch, 0);
  EXPECT_NE(first.Find("pthread_mutex_lock", "m.lock()"), nullptr) << first.Log();
  shop.Write("p.cpp", "#include <string>\nint main() { return std::string(\"ab\").size() - 2; }\n");
  const ProgramRun second = shop.BuildAndRun(request);
  EXPECT_EQ(second.exit_code, 0) << second.Log();
  EXPECT_EQ(second.build.times.pch, 0);
}

TEST(PchTest, IsTheSameWhateverMacrosTheProgramHasForItself) {
  Workshop shop;
  BuildRequest request = shop.Request({shop.Write(
      "p.cpp", "#include <string>\nint main() { return std::string(N, 'x').size(); }\n")});
  request.pch = PchMode::kNow;
  request.flags = {"-DN=3"};
  const ProgramRun first = shop.BuildAndRun(request);
  EXPECT_EQ(first.exit_code, 3) << first.Log();
  EXPECT_GT(first.build.times.pch, 0);
  request.flags = {"-DN=4", "-D", "OTHER"};
  const ProgramRun second = shop.BuildAndRun(request);
  EXPECT_EQ(second.exit_code, 4) << second.Log();
  EXPECT_EQ(second.build.times.pch, 0);
  for (const char* flag : {"-D_GLIBCXX_ASSERTIONS", "-DNDEBUG"}) {
    request.flags = {"-DN=5", flag};
    const ProgramRun other = shop.BuildAndRun(request);
    EXPECT_EQ(other.exit_code, 5) << other.Log();
    EXPECT_GT(other.build.times.pch, 0) << flag;
  }
}

TEST(PchTest, ProgramsThatClashWithUnaskedHeadersStillBuild) {
  Workshop shop;
  BuildRequest request =
      shop.Request({shop.Write("p.cpp",
                               "#include <cstdio>\nusing namespace std;\nint future, latch;\n"
                               "int main() { return future + latch; }\n")});
  request.pch = PchMode::kNow;
  EXPECT_EQ(shop.BuildAndRun(request).exit_code, 0);
}

TEST(PchTest, ProgramsThatConfigureTheLibraryDoNotGetIt) {
  Workshop shop;
  shop.Write("config.h", "#define _GLIBCXX_ASSERTIONS 1\n");
  BuildRequest request =
      shop.Request({shop.Write("p.cpp",
                               "#include \"config.h\"\n#include <vector>\n"
                               "int main() { std::vector<int> v(1); return v[3] * 0; }\n")});
  request.pch = PchMode::kNow;
  const ProgramRun run = shop.BuildAndRun(request);
  EXPECT_NE(run.exit_code, 0) << run.output;
}

TEST(PchTest, ErrorsAreThoseOfTheProgramItself) {
  Workshop shop;
  std::string text;
  const std::string path =
      shop.Write("p.cpp", "#include <cstdio>\nint main() { std::vector<int> v; x = 1; }\n");
  BuildRequest request = shop.Request({path});
  request.pch = PchMode::kNow;
  EXPECT_FALSE(shop.Build(request, &text).ok);
  EXPECT_NE(text.find("no member named 'vector' in namespace 'std'"), std::string::npos) << text;
}

}  // namespace
}  // namespace csim::instrument
