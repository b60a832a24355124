// Thread-safety attributes: which checks are put in where. The fake runtime prints each.
#include <gtest/gtest.h>

#include "instrument/source/edits.h"
#include "tests/instrument/program.h"

namespace csim::instrument {
namespace {

constexpr char kDeclarations[] = R"(
#define GUARDED_BY(x) __attribute__((guarded_by(x)))
#define PT_GUARDED_BY(x) __attribute__((pt_guarded_by(x)))
#define REQUIRES(...) __attribute__((requires_capability(__VA_ARGS__)))
struct __attribute__((capability("mutex"))) Mutex {
  void lock() __attribute__((acquire_capability())) {}
  void lock_shared() __attribute__((acquire_shared_capability())) {}
  bool try_lock() __attribute__((try_acquire_capability(true))) { return result; }
  void unlock() __attribute__((release_capability())) {}
  const Mutex& operator!() const { return *this; }
  bool result = true;
};
)";

std::string OutputOf(const std::string& text, ProgramRun* run = nullptr,
                     const char* flag = "-std=c++17") {
  Workshop shop;
  ProgramRun result = shop.BuildAndRun("p.cpp", kDeclarations + text, {flag});
  EXPECT_EQ(result.exit_code, 0) << result.output << result.Log();
  if (run != nullptr) *run = result;
  return result.output;
}

TEST(ContractTest, ReadsAndWritesAreToldApart) {
  EXPECT_EQ(OutputOf(R"(
struct Pair { int first, second; int sum() const { return first + second; } };
Mutex m;
int number GUARDED_BY(m);
int list[3] GUARDED_BY(m);
Pair pair GUARDED_BY(m);
void take(int) {}
int main() {
  number = 1;
  number += 1;
  ++number;
  take(number);
  list[number] = 2;
  pair.first = 3;
  take(pair.second);
  take(pair.sum());
  return 0;
}
)"),
            "required exclusive number is guarded_by(m)\n"
            "required exclusive number is guarded_by(m)\n"
            "required exclusive number is guarded_by(m)\n"
            "required shared number is guarded_by(m)\n"
            "required exclusive list is guarded_by(m)\n"
            "required shared number is guarded_by(m)\n"
            "required exclusive pair is guarded_by(m)\n"
            "required shared pair is guarded_by(m)\n"
            "required shared pair is guarded_by(m)\n");
}

TEST(ContractTest, WhatIsNoAccessIsNotChecked) {
  EXPECT_EQ(OutputOf(R"(
struct Counter {
  Counter() { value = 1; }
  ~Counter() { value = 0; }
  void Skip() __attribute__((no_thread_safety_analysis)) { ++value; }
  Mutex m;
  int value GUARDED_BY(m);
};
Counter counter;
int main() {
  counter.Skip();
  int* where = &counter.value;
  decltype(counter.value) copy = sizeof(counter.value);
  return *where == copy;
}
)"),
            "");
}

TEST(ContractTest, PointersAreCheckedWhereTheyAreFollowed) {
  EXPECT_EQ(OutputOf(R"(
#include <memory>
struct Node { int value; };
Mutex m;
Node node;
Node* plain PT_GUARDED_BY(m) = &node;
std::unique_ptr<Node> owner PT_GUARDED_BY(m);
int main() {
  plain = &node;
  owner.reset(new Node{});
  plain->value = 1;
  (*plain).value = 2;
  plain[0].value = 3;
  int copy = owner->value;
  return copy == 0 ? 0 : 1;
}
)"),
            "required exclusive plain is pt_guarded_by(m)\n"
            "required exclusive plain is pt_guarded_by(m)\n"
            "required exclusive plain is pt_guarded_by(m)\n"
            "required shared owner is pt_guarded_by(m)\n");
}

TEST(ContractTest, CapabilitiesAreNamedFromWhereTheyAreUsed) {
  ProgramRun run;
  EXPECT_EQ(OutputOf(R"(
#include <memory>
#include <vector>
struct Account {
  Mutex m;
  Mutex* other = &m;
  int balance GUARDED_BY(m) = 0;
  int credit GUARDED_BY(*other) = 0;
  int limit GUARDED_BY(other) = 0;
};
template <class T>
struct Box {
  void Set(T v) { value = v; }
  Mutex m;
  T value GUARDED_BY(m) = 0;
};
int main() {
  std::vector<Account> all(2);
  Account* first = &all[0];
  first->balance = 1;
  all[1].credit = 1;
  [&] { first->limit = 2; }();
  auto owned = std::make_unique<Account>();
  owned->balance = 4;
  (*owned).credit = 5;
  Box<int> box;
  box.Set(3);
  return 0;
}
)",
                     &run),
            "required exclusive balance is guarded_by(m)\n"
            "required exclusive credit is guarded_by(*other)\n"
            "required exclusive limit is guarded_by(other)\n"
            "required exclusive balance is guarded_by(m)\n"
            "required exclusive credit is guarded_by(*other)\n"
            "required exclusive value is guarded_by(m)\n");
  EXPECT_TRUE(run.build.notes.empty());
}

TEST(ContractTest, FunctionsSayWhatTheyExpectAndChange) {
  EXPECT_EQ(OutputOf(R"(
struct Account {
  void Add() REQUIRES(m) {}
  int Get() const __attribute__((requires_shared_capability(m)));
  void Enter() __attribute__((locks_excluded(m))) {}
  void Move(Account& to) REQUIRES(m, to.m) {}
  mutable Mutex m;
};
int Account::Get() const { return 0; }
Mutex global;
void Free(Mutex& given) REQUIRES(given, !global);
void Free(Mutex& renamed) {}
int main() {
  Account a, b;
  a.Add();
  a.Get();
  a.Enter();
  a.Move(b);
  Free(a.m);
  a.m.lock();
  a.m.unlock();
  a.m.lock_shared();
  a.m.try_lock();
  a.m.result = false;
  a.m.try_lock();
  return 0;
}
)"),
            "expected exclusive Add is declared requires_capability(m)\n"
            "expected shared Get is declared requires_shared_capability(m)\n"
            "excluded Enter is declared locks_excluded(m)\n"
            "expected exclusive Move is declared requires_capability(m)\n"
            "expected exclusive Move is declared requires_capability(to.m)\n"
            "expected exclusive Free is declared requires_capability(given)\n"
            "excluded Free is declared requires_capability(!global)\n"
            "acquired exclusive\n"
            "released\n"
            "acquired shared\n"
            "acquired exclusive\n");
}

TEST(ContractTest, WhatCannotBeEvaluatedIsLeftAloneWithANote) {
  ProgramRun run;
  EXPECT_EQ(OutputOf(R"(
class Hidden {
 public:
  int value GUARDED_BY(m) = 0;
 private:
  Mutex m;
};
Hidden hidden;
Hidden* Find() { return &hidden; }
#define BUMP(x) ++x
Mutex m;
int number GUARDED_BY(m);
int main() {
  hidden.value = 1;
  Find()->value = 2;
  BUMP(number);
  number = 1;
  return 0;
}
)",
                     &run),
            "required exclusive number is guarded_by(m)\n");
  ASSERT_EQ(run.build.notes.size(), 3u);
  EXPECT_NE(run.build.notes[0].find("guarded_by(m) of value is not checked"), std::string::npos);
  EXPECT_NE(run.build.notes[1].find("named twice"), std::string::npos);
  EXPECT_NE(run.build.notes[2].find("used in a macro"), std::string::npos);
}

TEST(ContractTest, WorksInC) {
  Workshop shop;
  const ProgramRun run =
      shop.BuildAndRun("p.c",
                       "typedef int __attribute__((capability(\"mutex\"))) mutex;\n"
                       "mutex m;\n"
                       "int number __attribute__((guarded_by(m)));\n"
                       "void add(void) __attribute__((requires_capability(m)));\n"
                       "void add(void) { number = 1; if (number) return; }\n"
                       "int main(void) { add(); return 0; }\n");
  EXPECT_EQ(run.exit_code, 0) << run.Log();
  EXPECT_EQ(run.output,
            "expected exclusive add is declared requires_capability(m)\n"
            "required exclusive number is guarded_by(m)\n"
            "required shared number is guarded_by(m)\n");
}

TEST(ContractTest, AssertsAndTheirOperandsStayWhatTheyAre) {
  Workshop shop;
  const ProgramRun run =
      shop.BuildAndRun("p.cpp", std::string("#include <assert.h>\n") + kDeclarations +
                                    "Mutex m; int number GUARDED_BY(m);\n"
                                    "int main() {\n"
                                    "  number = 2;\n"
                                    "  assert(number == 1);\n"
                                    "}\n");
  EXPECT_EQ(run.exit_code, 42) << run.Log();
  EXPECT_NE(run.output.find("required exclusive number"), std::string::npos);
  EXPECT_NE(run.output.find("assertion `number == 1` failed: 2 vs 1"), std::string::npos);
}

TEST(FileEdits, InsertionsGoBetweenReplacements) {
  FileEdits edits("abcdef");
  edits.Replace(1, 2, "XY");
  EXPECT_TRUE(edits.Insert(3, "+"));
  EXPECT_TRUE(edits.Insert(3, "*"));
  EXPECT_FALSE(edits.Insert(1, "!"));
  EXPECT_FALSE(edits.Insert(2, "!"));
  EXPECT_TRUE(edits.Insert(0, "<"));
  EXPECT_EQ(edits.Apply(), "<aXY+*def");
}

}  // namespace
}  // namespace csim::instrument
