// Every kind of access reaches the hook that csim_abi.h names, with its size, text and variable.
#include <gtest/gtest.h>

#include <cstdlib>
#include <ostream>

#include "tests/instrument/program.h"

namespace csim::instrument {
namespace {

struct HookCase {
  const char* name;
  const char* file;  // "p.c" or "p.cpp"
  const char* source;
  const char* kind;
  uint64_t size;
  const char* text;
  const char* variable;
  const char* extra = "";
  uint64_t count = 1;
};

void PrintTo(const HookCase& c, std::ostream* out) { *out << c.name; }

class HookTest : public testing::TestWithParam<HookCase> {};

TEST_P(HookTest, IsLogged) {
  const HookCase& c = GetParam();
  for (const char* level : {"-O0", "-O2"}) {
    Workshop shop;
    const ProgramRun run = shop.BuildAndRun(c.file, c.source, {level});
    uint64_t count = 0;
    for (const Row& row : run.rows) {
      const bool same = row.kind == c.kind && row.size == c.size && row.text == c.text &&
                        row.variable == c.variable && row.extra == c.extra;
      if (same) count += row.count;
    }
    EXPECT_EQ(count, c.count) << level << "\n" << run.Log();
    EXPECT_EQ(run.exit_code, 0) << run.Log();
    EXPECT_TRUE(run.balanced) << run.Log();
  }
}

constexpr HookCase kPlain[] = {
    {"Read1", "p.c", "char x; int main() { return x; }", "read", 1, "x", "x"},
    {"Read2", "p.c", "short x; int main() { return x; }", "read", 2, "x", "x"},
    {"Read4", "p.c", "int x; int main() { return x; }", "read", 4, "x", "x"},
    {"Read8", "p.c", "long x; int main() { return x != 0; }", "read", 8, "x", "x"},
    {"ReadFloat", "p.c", "float x; int main() { return x != 0; }", "read", 4, "x", "x"},
    {"ReadDouble", "p.c", "double x; int main() { return x != 0; }", "read", 8, "x", "x"},
    {"ReadBool", "p.cpp", "bool x; int main() { return x; }", "read", 1, "x", "x"},
    {"ReadPointer", "p.c", "int *x; int main() { return x != 0; }", "read", 8, "x", "x"},
    {"Write1", "p.c", "char x; int main() { x = 0; return 0; }", "write", 1, "x = 0", "x"},
    {"Write2", "p.c", "short x; int main() { x = 0; return 0; }", "write", 2, "x = 0", "x"},
    {"Write4", "p.c", "int x; int main() { x = 0; return 0; }", "write", 4, "x = 0", "x"},
    {"Write8", "p.c", "long x; int main() { x = 0; return 0; }", "write", 8, "x = 0", "x"},
    {"Int128", "p.c", "__int128 x; int main() { return x != 0; }", "read_range", 16, "x", "x"},
    {"LongDouble", "p.c", "long double x; int main() { return x != 0; }", "read_range", 10, "x",
     "x"},
    {"Float128", "p.c", "__float128 x; int main() { x = 1; return 0; }", "write_range", 16, "x = 1",
     "x"},
    {"Vector", "p.c",
     "typedef int v4 __attribute__((vector_size(16))); v4 x, y; int main() { x = y; return 0; }",
     "read_range", 16, "y", "y"},
    {"Complex", "p.c", "_Complex double x; int main() { x = 1.0; return 0; }", "write", 8,
     "x = 1.0", "x", "", 2},
    {"Packed", "p.c",
     "struct __attribute__((packed)) S { char c; int x; } s; int main() { return s.x; }",
     "read_range", 4, "s.x", "S::x"},
    {"BitField", "p.c", "struct S { int a : 3, b : 5; } s; int main() { return s.b; }", "read", 1,
     "s.b", "S::b"},
    {"Volatile", "p.c", "volatile int x; int main() { return x; }", "read", 4, "x", "x"},
    {"Increment", "p.c", "int x; int main() { ++x; return 0; }", "write", 4, "++x", "x"},
    {"IncrementReads", "p.c", "int x; int main() { x++; return 0; }", "read", 4, "x++", "x"},
    {"Compound", "p.c", "int x; int main() { x += 2; return 0; }", "read", 4, "x += 2", "x"},
    {"Static", "p.c", "int f(void) { static int n; return ++n; } int main() { return f() - 1; }",
     "write", 4, "++n", "n"},
    {"Element", "p.c", "int a[9]; int i; int main() { return a[i + 1]; }", "read", 4, "a[i + 1]",
     "a"},
    {"ElementOfPointer", "p.c", "long b[2]; long *a = b; int main() { return a[1] != 0; }", "read",
     8, "a[1]", "a"},
    {"PointerOfElement", "p.c", "char b[2]; char *a = b; int main() { return a[1]; }", "read", 8,
     "a", "a"},
    {"Deref", "p.c", "int x; int *p = &x; int main() { return *p; }", "read", 4, "*p", "*p"},
    {"Member", "p.cpp",
     "struct Account { int id, balance; }; Account a[3]; int i;\n"
     "int main() { return a[i].balance; }",
     "read", 4, "a[i].balance", "Account::balance"},
    {"MemberOfThis", "p.cpp",
     "struct C { int n = 0; __attribute__((noinline)) int get() { return n; } } c;\n"
     "int main() { return c.get(); }",
     "read", 4, "n", "C::n"},
    {"Namespace", "p.cpp", "namespace bank { int x; } int main() { return bank::x; }", "read", 4,
     "bank::x", "bank::x"},
    {"Anonymous", "p.cpp", "namespace { int x; } int main() { x = 0; return 0; }", "write", 4,
     "x = 0", "x"},
    {"Reference", "p.cpp", "int x; int &r = x; int main() { return r; }", "read", 4, "r", "r"},
    {"ThreadLocal", "p.cpp", "thread_local int x; int main() { return x; }", "read", 4, "x", "x"},
    {"Macro", "p.c", "int x;\n#define GET() (x)\nint main() { return GET(); }", "read", 4, "GET()",
     "x"},
};
INSTANTIATE_TEST_SUITE_P(Plain, HookTest, testing::ValuesIn(kPlain),
                         [](const auto& info) { return std::string(info.param.name); });

constexpr HookCase kRanges[] = {
    {"StructCopyReads", "p.c", "struct S { int a[8]; } s, t; int main() { s = t; return 0; }",
     "read_range", 32, "t", "t"},
    {"StructCopyWrites", "p.c", "struct S { int a[8]; } s, t; int main() { s = t; return 0; }",
     "write_range", 32, "s = t", "s"},
    {"Memcpy", "p.c",
     "#include <string.h>\nchar a[64], b[64]; int main() { memcpy(a, b, 40); return 0; }",
     "read_range", 40, "memcpy(a, b, 40)", "a"},
    {"Memmove", "p.c",
     "#include <string.h>\nchar a[64]; int main() { memmove(a, a + 1, 40); return 0; }",
     "write_range", 40, "memmove(a, a + 1, 40)", "a"},
    {"Memset", "p.c",
     "#include <string.h>\nchar a[64]; int n = 33; int main() { memset(a, 0, n); return 0; }",
     "write_range", 33, "memset(a, 0, n)", "a"},
    {"ByValue", "p.c",
     "struct S { long a[8]; } s; __attribute__((noinline)) long f(struct S x) { return x.a[1]; }\n"
     "int main() { return f(s) != 0; }",
     "read_range", 64, "f(s)", "s"},
};
INSTANTIATE_TEST_SUITE_P(Ranges, HookTest, testing::ValuesIn(kRanges),
                         [](const auto& info) { return std::string(info.param.name); });

constexpr HookCase kAtomics[] = {
    {"C11Load", "p.c",
     "#include <stdatomic.h>\natomic_int x; int main() { return atomic_load(&x); }", "atomic", 4,
     "atomic_load(&x)", "x", "load order 5/0"},
    {"C11StoreRelease", "p.c",
     "#include <stdatomic.h>\natomic_char x;\n"
     "int main() { atomic_store_explicit(&x, 1, memory_order_release); return 0; }",
     "atomic", 1, "atomic_store_explicit(&x, 1, memory_order_release)", "x", "store order 3/0"},
    {"C11Operator", "p.c", "_Atomic short x; int main() { x++; return 0; }", "atomic", 2, "x++",
     "x", "rmw order 5/0"},
    {"C11Assign", "p.c", "_Atomic long x; int main() { x = 3; return 0; }", "atomic", 8, "x = 3",
     "x", "store order 5/0"},
    {"FloatExchange", "p.c",
     "float x, r; int main() { float v = 1; __atomic_exchange(&x, &v, &r, __ATOMIC_ACQUIRE); "
     "return 0; }",
     "atomic", 4, "__atomic_exchange(&x, &v, &r, __ATOMIC_ACQUIRE)", "x", "rmw order 2/0"},
    {"PointerLoad", "p.c", "int *_Atomic p; int main() { return p != 0; }", "atomic", 8, "p", "p",
     "load order 5/0"},
    {"StrongCas", "p.c",
     "int x; int main() { int e = 0; return !__atomic_compare_exchange_n(&x, &e, 1, 0, "
     "__ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE); }",
     "atomic", 4, "__atomic_compare_exchange_n(&x, &e, 1, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)",
     "x", "cas order 4/2"},
    {"SyncAdd", "p.c", "long x; int main() { __sync_fetch_and_add(&x, 1); return 0; }", "atomic", 8,
     "__sync_fetch_and_add(&x, 1)", "x", "rmw order 5/0"},
    {"TestAndSet", "p.c",
     "char x; int main() { return __atomic_test_and_set(&x, __ATOMIC_ACQUIRE); }", "atomic", 1,
     "__atomic_test_and_set(&x, __ATOMIC_ACQUIRE)", "x", "rmw order 2/0"},
    {"CasSucceeds", "p.c",
     "int x = 7; int main() { int e = 7; return !__atomic_compare_exchange_n(&x, &e, 1, 1, 5, 0); "
     "}",
     "atomic_after", 0, "__atomic_compare_exchange_n(&x, &e, 1, 1, 5, 0)", "x",
     "value 7 success 1"},
    {"CasFails", "p.c",
     "int x = 7; int main() { int e = 6; return __atomic_compare_exchange_n(&x, &e, 1, 0, 5, 0); }",
     "atomic_after", 0, "__atomic_compare_exchange_n(&x, &e, 1, 0, 5, 0)", "x",
     "value 7 success 0"},
    {"FloatValue", "p.c", "float x = 1, r; int main() { __atomic_load(&x, &r, 0); return r != 1; }",
     "atomic_after", 0, "__atomic_load(&x, &r, 0)", "x", "value 3f800000 success 1"},
    {"Fence", "p.c", "int main() { __atomic_thread_fence(__ATOMIC_SEQ_CST); return 0; }", "fence",
     0, "__atomic_thread_fence(__ATOMIC_SEQ_CST)", "", "order 5"},
    {"StdLoad", "p.cpp", "#include <atomic>\nstd::atomic<int> x; int main() { return x.load(); }",
     "atomic", 4, "x.load()", "x", "load order 5/0"},
    {"StdIncrement", "p.cpp",
     "#include <atomic>\nstd::atomic<int> x; int main() { x++; return 0; }", "atomic", 4, "x++",
     "x", "rmw order 5/0"},
    {"StdConversion", "p.cpp", "#include <atomic>\nstd::atomic<int> x; int main() { return x; }",
     "atomic", 4, "x", "x", "load order 5/0"},
    {"StdStoreRelaxed", "p.cpp",
     "#include <atomic>\nstd::atomic<bool> x;\n"
     "int main() { x.store(true, std::memory_order_relaxed); return 0; }",
     "atomic", 1, "x.store(true, std::memory_order_relaxed)", "x", "store order 0/0"},
};

class AtomicTest : public HookTest {};
TEST_P(AtomicTest, IsLoggedOnce) {
  const HookCase& c = GetParam();
  Workshop shop;
  const ProgramRun run = shop.BuildAndRun(c.file, c.source, {"-O2"});
  const Row* row = run.Find(c.kind, c.text);
  ASSERT_NE(row, nullptr) << run.Log();
  EXPECT_EQ(row->count, 1u) << run.Log();
  EXPECT_EQ(row->size, c.size) << run.Log();
  EXPECT_EQ(row->variable, c.variable) << run.Log();
  EXPECT_EQ(row->extra, c.extra) << run.Log();
  EXPECT_EQ(run.Count(c.kind), 1u) << run.Log();
  EXPECT_EQ(run.Count("atomic"), run.Count("atomic_after")) << run.Log();
  EXPECT_EQ(run.exit_code, 0) << run.Log();
}
INSTANTIATE_TEST_SUITE_P(Atomics, AtomicTest, testing::ValuesIn(kAtomics),
                         [](const auto& info) { return std::string(info.param.name); });

// The inlined test: an access is left out if the shadow has all of its bytes in this epoch.
struct FastCase {
  const char* name;
  const char* written;  // masks of every granule
  const char* read;
  const char* access;  // of `x`, eight bytes, or of `half[1]`, its upper four
  bool reaches_hook;
};

void PrintTo(const FastCase& c, std::ostream* out) { *out << c.name; }

class FastPathTest : public testing::TestWithParam<FastCase> {};

TEST_P(FastPathTest, CallsTheHookIfAByteIsMissing) {
  const FastCase& c = GetParam();
  setenv("CSIM_FAKE_MASK", c.written, 1);
  setenv("CSIM_FAKE_READ", c.read, 1);
  Workshop shop;
  const ProgramRun run =
      shop.BuildAndRun("p.c", std::string("union { long x; int half[2]; } u; int main() { ") +
                                  c.access + "; return 0; }");
  unsetenv("CSIM_FAKE_MASK");
  unsetenv("CSIM_FAKE_READ");
  EXPECT_EQ(run.exit_code, 0) << run.Log();
  EXPECT_EQ(run.Count("read") + run.Count("write"), c.reaches_hook ? 1u : 0u) << run.Log();
}

INSTANTIATE_TEST_SUITE_P(
    Masks, FastPathTest,
    testing::Values(FastCase{"WriteOfWhatIsWritten", "0xff", "0", "u.x = 1", false},
                    FastCase{"WriteOfAPartOfIt", "0xff", "0", "u.half[1] = 1", false},
                    FastCase{"WriteOfTheOtherPart", "0x0f", "0", "u.half[1] = 1", true},
                    FastCase{"WriteOfMore", "0x0f", "0", "u.x = 1", true},
                    FastCase{"WriteOfWhatWasRead", "0", "0xff", "u.half[1] = 1", true},
                    FastCase{"WriteOfTheSamePart", "0xf0", "0", "u.half[1] = 1", false},
                    FastCase{"WriteOfTheUnknown", "0", "0", "u.half[1] = 1", true}),
    [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace csim::instrument
