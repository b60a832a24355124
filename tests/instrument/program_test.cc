// What whole programs show: counts, inlined library code, shadow call stack, odd kinds of
// functions.
#include "tests/instrument/program.h"

#include <gtest/gtest.h>

namespace csim::instrument {
namespace {

class CounterLoop : public testing::TestWithParam<const char*> {};

TEST_P(CounterLoop, KeepsEveryReadAndWrite) {
  Workshop shop;
  const ProgramRun run = shop.BuildAndRun("p.cpp",
                                          "int counter;\n"
                                          "int main() {\n"
                                          "  for (int i = 0; i < 1000000; ++i) ++counter;\n"
                                          "}\n",
                                          {GetParam()});
  const Row* read = run.Find("read", "++counter");
  const Row* write = run.Find("write", "++counter");
  ASSERT_TRUE(read != nullptr && write != nullptr) << run.Log();
  EXPECT_EQ(read->count, 1000000u);
  EXPECT_EQ(write->count, 1000000u);
  EXPECT_EQ(read->line, 3u);
  EXPECT_EQ(read->column, 37u);
  EXPECT_EQ(read->function, "main");
  EXPECT_EQ(run.Count("read") + run.Count("write"), 2000000u) << run.Log();
}
INSTANTIATE_TEST_SUITE_P(Levels, CounterLoop, testing::Values("-O0", "-O1", "-O2", "-O3"),
                         [](const auto& info) { return std::string(info.param + 1); });

TEST(FrameTest, LocalsThatStayInTheFrameAreLeftOut) {
  for (const char* level : {"-O0", "-O1"}) {
    Workshop shop;
    const ProgramRun run = shop.BuildAndRun("p.c",
                                            "int main() {\n"
                                            "  int a[4] = {1, 2, 3, 4}; int sum = 0;\n"
                                            "  for (int i = 0; i < 4; ++i) sum += a[i];\n"
                                            "  return sum - 10;\n"
                                            "}\n",
                                            {level});
    EXPECT_EQ(run.exit_code, 0);
    EXPECT_EQ(run.rows.size(), 0u) << run.Log();
  }
}

TEST(FrameTest, LocalsWhoseAddressEscapesAreHooked) {
  Workshop shop;
  const ProgramRun run = shop.BuildAndRun("p.c",
                                          "int *shared;\n"
                                          "int main() {\n"
                                          "  int mine = 3;\n"
                                          "  shared = &mine;\n"
                                          "  mine = 0;\n"
                                          "  return mine;\n"
                                          "}\n");
  EXPECT_NE(run.Find("write", "mine = 0"), nullptr) << run.Log();
  EXPECT_NE(run.Find("read", "mine"), nullptr) << run.Log();
}

TEST(FrameTest, ConstantsAreLeftOut) {
  Workshop shop;
  const ProgramRun run = shop.BuildAndRun(
      "p.c", "const int table[3] = {0, 1, 2}; int i; int main() { return table[i]; }");
  EXPECT_EQ(run.Count("read"), 1u) << run.Log();
}

TEST(FrameTest, StaticThreadLocalsThatNobodyElseReachesAreLeftOut) {
  Workshop shop;
  const ProgramRun run =
      shop.BuildAndRun("p.c", "static __thread int n; int main() { n = n + 1; return n - 1; }");
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_EQ(run.Count("read") + run.Count("write"), 0u) << run.Log();
}

TEST(QuietTest, NoSanitizeThreadLeavesOutPlainAccessesOnly) {
  Workshop shop;
  const ProgramRun run = shop.BuildAndRun(
      "p.c",
      "int x;\n"
      "__attribute__((no_sanitize(\"thread\"), noinline)) void quiet(void) {\n"
      "  x = 1;\n"
      "  __atomic_store_n(&x, 0, __ATOMIC_RELAXED);\n"
      "}\n"
      "__attribute__((disable_sanitizer_instrumentation, noinline)) void silent(void) {\n"
      "  x = 0; __atomic_store_n(&x, 0, __ATOMIC_RELAXED);\n"
      "}\n"
      "int main() { quiet(); silent(); return x; }\n");
  EXPECT_EQ(run.Count("write"), 0u) << run.Log();
  EXPECT_EQ(run.Count("atomic"), 1u) << run.Log();
  EXPECT_EQ(run.Count("read"), 1u) << run.Log();
}

TEST(InlinedCodeTest, IsHookedOnceAndNamesItsPlaceInUserCode) {
  Workshop shop;
  const ProgramRun run = shop.BuildAndRun("p.cpp",
                                          "#include <vector>\n"
                                          "std::vector<int> v(3, 7);\n"
                                          "int main() {\n"
                                          "  return v[1] - 7;\n"
                                          "}\n",
                                          {"-O2"});
  EXPECT_EQ(run.exit_code, 0);
  uint64_t begin = 0;  // reads of the vector's begin pointer, in operator[]
  for (const Row& row : run.rows) {
    if (row.kind != "read" || row.stack != "main") continue;
    if (row.size == 8) {
      begin += row.count;
      EXPECT_EQ(row.function, "std::vector<int>::operator[]");
      EXPECT_EQ(row.caller_file, shop.Path("p.cpp"));
      EXPECT_EQ(row.caller_line, 4u);
      EXPECT_EQ(row.text, "v[1]");
      EXPECT_EQ(row.variable, "v");
    } else {
      EXPECT_EQ(row.text, "v[1]");
      EXPECT_EQ(row.line, 4u);
      EXPECT_EQ(row.count, 1u);
    }
  }
  EXPECT_EQ(begin, 1u) << run.Log();
}

TEST(CallSiteTest, LocksCarryTheirTextAndVariable) {
  Workshop shop;
  const ProgramRun run = shop.BuildAndRun("p.cpp",
                                          "#include <mutex>\n"
                                          "struct Account { std::mutex m; int n = 0; } a;\n"
                                          "std::mutex gm;\n"
                                          "void f() {\n"
                                          "  std::lock_guard<std::mutex> g(a.m);\n"
                                          "  ++a.n;\n"
                                          "}\n"
                                          "int main() {\n"
                                          "  gm.lock();\n"
                                          "  f();\n"
                                          "  gm.unlock();\n"
                                          "}\n",
                                          {"-O1"});
  const Row* guard = run.Find("pthread_mutex_lock", "std::lock_guard<std::mutex> g(a.m)");
  ASSERT_NE(guard, nullptr) << run.Log();
  EXPECT_EQ(guard->variable, "a.m");
  EXPECT_EQ(guard->line, 5u);
  EXPECT_EQ(guard->function, "f");
  EXPECT_EQ(guard->stack, "f<main");
  const Row* end = run.Find("pthread_mutex_unlock", "end of `std::lock_guard<std::mutex> g(a.m)`");
  ASSERT_NE(end, nullptr) << run.Log();
  EXPECT_EQ(end->variable, "a.m");
  EXPECT_EQ(end->line, 7u);
  const Row* lock = run.Find("pthread_mutex_lock", "gm.lock()");
  ASSERT_NE(lock, nullptr) << run.Log();
  EXPECT_EQ(lock->variable, "gm");
  EXPECT_NE(run.Find("pthread_mutex_unlock", "gm.unlock()"), nullptr) << run.Log();
}

TEST(CallSiteTest, GuardsInTemplatesAndDeducedGuardsAreNamed) {
  Workshop shop;
  const ProgramRun run = shop.BuildAndRun("p.cpp",
                                          "#include <mutex>\n"
                                          "std::mutex m;\n"
                                          "template <class M> void f(M& lock) {\n"
                                          "  std::unique_lock<M> g(lock);\n"
                                          "}\n"
                                          "int main() {\n"
                                          "  f(m);\n"
                                          "  std::lock_guard g(m);\n"
                                          "}\n");
  const Row* in_template = run.Find("pthread_mutex_lock", "std::unique_lock<M> g(lock)");
  ASSERT_NE(in_template, nullptr) << run.Log();
  EXPECT_EQ(in_template->variable, "lock");
  const Row* deduced = run.Find("pthread_mutex_lock", "std::lock_guard g(m)");
  ASSERT_NE(deduced, nullptr) << run.Log();
  EXPECT_EQ(deduced->variable, "m");
}

TEST(CallSiteTest, ThreadsAreNamedByTheirEntryFunction) {
  Workshop shop;
  const ProgramRun run = shop.BuildAndRun("p.cpp",
                                          "#include <pthread.h>\n"
                                          "#include <thread>\n"
                                          "int n;\n"
                                          "void worker(int k) { n += k; }\n"
                                          "void* start(void*) { return nullptr; }\n"
                                          "int main() {\n"
                                          "  std::thread t(worker, 1);\n"
                                          "  std::thread u([] { ++n; });\n"
                                          "  pthread_t p;\n"
                                          "  pthread_create(&p, nullptr, start, nullptr);\n"
                                          "  t.join(); u.join();\n"
                                          "}\n");
  const Row* t = run.Find("pthread_create", "std::thread t(worker, 1)");
  ASSERT_NE(t, nullptr) << run.Log();
  EXPECT_EQ(t->variable, "worker");
  const Row* u = run.Find("pthread_create", "std::thread u([] { ++n; })");
  ASSERT_NE(u, nullptr) << run.Log();
  EXPECT_EQ(u->variable, "main::lambda at line 8");
  const Row* p = run.Find("pthread_create", "pthread_create(&p, nullptr, start, nullptr)");
  ASSERT_NE(p, nullptr) << run.Log();
  EXPECT_EQ(p->variable, "start");
  const Row* increment = run.Find("write", "++n");
  ASSERT_NE(increment, nullptr) << run.Log();
  EXPECT_EQ(increment->function, "main::lambda at line 8");
  EXPECT_NE(run.Find("pthread_join", "t.join()"), nullptr) << run.Log();
}

TEST(ContextTest, StaysBalancedThroughExceptions) {
  for (const char* level : {"-O0", "-O2"}) {
    Workshop shop;
    const ProgramRun run =
        shop.BuildAndRun("p.cpp",
                         "int x;\n"
                         "struct Noisy { ~Noisy() { x = 1; } };\n"
                         "__attribute__((noinline)) void inner(int n) { Noisy a; if (n == 0) throw "
                         "7; inner(n - 1); }\n"
                         "__attribute__((noinline)) int middle() {\n"
                         "  try { inner(3); } catch (int e) { x = 2; return e; }\n"
                         "  return 0;\n"
                         "}\n"
                         "int main() { int r = middle(); x = 3; return r - 7; }\n",
                         {level});
    EXPECT_EQ(run.exit_code, 0);
    EXPECT_TRUE(run.balanced) << run.Log();
    ASSERT_NE(run.Find("write", "x = 2"), nullptr) << run.Log();
    EXPECT_EQ(run.Find("write", "x = 2")->stack, "middle<main");
    EXPECT_EQ(run.Find("write", "x = 3")->stack, "main");
    EXPECT_EQ(run.Find("write", "x = 1")->stack,
              "Noisy::~Noisy<inner<inner<inner<inner<middle<main");
  }
}

TEST(ContextTest, StaysBalancedThroughLongjmp) {
  Workshop shop;
  const ProgramRun run = shop.BuildAndRun("p.c",
                                          "#include <setjmp.h>\n"
                                          "jmp_buf where; int x;\n"
                                          "__attribute__((noinline)) void deep(int n) { if (n == "
                                          "0) longjmp(where, 1); deep(n - 1); x = 9; }\n"
                                          "int main() {\n"
                                          "  if (setjmp(where) == 0) deep(3);\n"
                                          "  x = 1;\n"
                                          "  return 0;\n"
                                          "}\n");
  EXPECT_TRUE(run.balanced) << run.Log();
  ASSERT_NE(run.Find("write", "x = 1"), nullptr) << run.Log();
  EXPECT_EQ(run.Find("write", "x = 1")->stack, "main");
}

TEST(ContextTest, MustTailCallsLeaveBeforehand) {
  Workshop shop;
  const ProgramRun run = shop.BuildAndRun(
      "p.cpp",
      "int x;\n"
      "__attribute__((noinline)) int last(int n) { x = n; return n; }\n"
      "__attribute__((noinline)) int first(int n) { x = 1; [[clang::musttail]] return last(n); }\n"
      "int main() { return first(0); }\n",
      {"-O2"});
  EXPECT_TRUE(run.balanced) << run.Log();
  ASSERT_NE(run.Find("write", "x = n"), nullptr) << run.Log();
  EXPECT_EQ(run.Find("write", "x = n")->stack, "last<main");
}

// Without the library's function that resumes a coroutine, which is inlined at some levels only.
std::string WithoutResume(std::string stack) {
  const std::string resume = "std::__n4861::coroutine_handle<Task::promise_type>::resume<";
  const size_t at = stack.find(resume);
  if (at != std::string::npos) stack.erase(at, resume.size());
  return stack;
}

TEST(ContextTest, CoroutinesKeepTheCallersStack) {
  for (const char* level : {"-O0", "-O2"}) {
    Workshop shop;
    const ProgramRun run = shop.BuildAndRun(
        "p.cpp",
        "#include <coroutine>\n"
        "int x;\n"
        "struct Task {\n"
        "  struct promise_type {\n"
        "    Task get_return_object() {\n"
        "      return {std::coroutine_handle<promise_type>::from_promise(*this)};\n"
        "    }\n"
        "    std::suspend_never initial_suspend() { return {}; }\n"
        "    std::suspend_always final_suspend() noexcept { return {}; }\n"
        "    void return_void() {}\n"
        "    void unhandled_exception() {}\n"
        "  };\n"
        "  std::coroutine_handle<promise_type> handle;\n"
        "};\n"
        "Task steps() { x = 1; co_await std::suspend_always(); x = 2; }\n"
        "__attribute__((noinline)) void drive(Task& t) { t.handle.resume(); }\n"
        "int main() { Task t = steps(); drive(t); x = 3; t.handle.destroy(); return 0; }\n",
        {level});
    EXPECT_EQ(run.exit_code, 0) << run.Log();
    EXPECT_TRUE(run.balanced) << run.Log();
    ASSERT_NE(run.Find("write", "x = 2"), nullptr) << run.Log();
    EXPECT_EQ(run.Find("write", "x = 1")->stack, "steps<main") << run.Log();
    EXPECT_EQ(WithoutResume(run.Find("write", "x = 2")->stack), "steps<drive<main") << run.Log();
    EXPECT_EQ(run.Find("write", "x = 3")->stack, "main") << run.Log();
  }
}

TEST(ContextTest, ACoroutineThatIsHandedToIsCalledByWhoResumedTheOther) {
  for (const char* level : {"-O0", "-O2"}) {
    Workshop shop;
    const ProgramRun run = shop.BuildAndRun(
        "p.cpp",
        "#include <coroutine>\n"
        "int x;\n"
        "struct Task {\n"
        "  struct promise_type {\n"
        "    Task get_return_object() {\n"
        "      return {std::coroutine_handle<promise_type>::from_promise(*this)};\n"
        "    }\n"
        "    std::suspend_always initial_suspend() { return {}; }\n"
        "    std::suspend_always final_suspend() noexcept { return {}; }\n"
        "    void return_void() {}\n"
        "    void unhandled_exception() {}\n"
        "  };\n"
        "  std::coroutine_handle<promise_type> handle;\n"
        "  bool await_ready() { return false; }\n"
        "  __attribute__((noinline)) std::coroutine_handle<> "
        "await_suspend(std::coroutine_handle<>) {\n"
        "    x = 3; return handle;\n"
        "  }\n"
        "  void await_resume() {}\n"
        "};\n"
        "Task second() { x = 1; co_return; }\n"
        "Task first() { co_await second(); }\n"
        "__attribute__((noinline)) void drive(Task& t) { t.handle.resume(); x = 2; }\n"
        "int main() { Task t = first(); drive(t); return 0; }\n",
        {level});
    EXPECT_EQ(run.exit_code, 0) << run.Log();
    EXPECT_TRUE(run.balanced) << run.Log();
    ASSERT_NE(run.Find("write", "x = 1"), nullptr) << run.Log();
    EXPECT_EQ(WithoutResume(run.Find("write", "x = 1")->stack), "second<drive<main") << run.Log();
    EXPECT_EQ(WithoutResume(run.Find("write", "x = 3")->stack),
              "Task::await_suspend<first<drive<main")
        << run.Log();
    EXPECT_EQ(run.Find("write", "x = 2")->stack, "drive<main") << run.Log();
  }
}

TEST(VtableTest, ConstructorsAndVirtualCallsUseTheirOwnHooks) {
  Workshop shop;
  const ProgramRun run = shop.BuildAndRun(
      "p.cpp",
      "struct Base { virtual int get() { return 1; } virtual ~Base() {} };\n"
      "struct Derived : Base { int get() override { return 0; } };\n"
      "__attribute__((noinline)) int call(Base* b) { return b->get(); }\n"
      "int main() { Base* b = new Derived; int r = call(b); delete b; return r; }\n",
      {"-O1"});
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_GE(run.Count("vptr_write"), 1u) << run.Log();
  EXPECT_GE(run.Count("vptr_read"), 1u) << run.Log();
}

TEST(TemplateTest, TextsComeFromTheTemplate) {
  Workshop shop;
  const ProgramRun run = shop.BuildAndRun(
      "p.cpp",
      "template <class T> struct Cell {\n"
      "  T value{};\n"
      "  __attribute__((noinline)) void set(T v) { value = v; this->value += v; }\n"
      "};\n"
      "Cell<int> a; Cell<double> b;\n"
      "int main() { a.set(1); b.set(2); }\n");
  uint64_t writes = 0;
  for (const Row& row : run.rows) {
    if (row.kind == "write" && row.text == "value = v") {
      ++writes;
      EXPECT_TRUE(row.function == "Cell<int>::set" || row.function == "Cell<double>::set");
    }
  }
  EXPECT_EQ(writes, 2u) << run.Log();
}

TEST(LongTextTest, IsFoldedAndCut) {
  Workshop shop;
  const ProgramRun run = shop.BuildAndRun(
      "p.c",
      "int x;\n"
      "int main() {\n"
      "  x =\n"
      "      0 * 100000001   +   0 * 100000002 + 0 * 100000003 + 0 * 100000004 + 0 * 100000005;\n"
      "  return x;\n"
      "}\n");
  const Row* row = run.Find(
      "write", "x = 0 * 100000001 + 0 * 100000002 + 0 * 100000003 + 0 * 100000004 + 0 * 10000...");
  EXPECT_NE(row, nullptr) << run.Log();
}

}  // namespace
}  // namespace csim::instrument
