// See points.h.
#include "instrument/points.h"

#include <algorithm>
#include <map>
#include <set>

#include "instrument/code/names.h"
#include "llvm/ADT/StringRef.h"

namespace csim::instrument {
namespace {

struct Meaning {
  char mark;
  const char* text;
};

// In the order in which marks stand in the margin.
constexpr Meaning kMeanings[] = {
    {'S', "thread or process started"},
    {'J', "join, or wait for a process"},
    {'L', "lock"},
    {'U', "unlock"},
    {'W', "wait: condition, semaphore, barrier, future, futex"},
    {'N', "notify: condition, semaphore, future"},
    {'A', "atomic access"},
    {'F', "fence"},
    {'O', "output or input"},
    {'Z', "sleep or yield"},
    {'r', "plain read"},
    {'w', "plain write"},
};

struct Named {
  const char* prefix;
  char mark;
};

// C functions, by their whole name, and classes of the C++ library, by prefix.
constexpr Named kFunctions[] = {
    {"pthread_create", 'S'},
    {"thrd_create", 'S'},
    {"fork", 'S'},
    {"vfork", 'S'},
    {"pthread_join", 'J'},
    {"pthread_timedjoin_np", 'J'},
    {"thrd_join", 'J'},
    {"waitpid", 'J'},
    {"wait", 'J'},
    {"pthread_mutex_lock", 'L'},
    {"pthread_mutex_trylock", 'L'},
    {"pthread_mutex_timedlock", 'L'},
    {"pthread_mutex_clocklock", 'L'},
    {"pthread_mutex_unlock", 'U'},
    {"pthread_rwlock_rdlock", 'L'},
    {"pthread_rwlock_wrlock", 'L'},
    {"pthread_rwlock_tryrdlock", 'L'},
    {"pthread_rwlock_trywrlock", 'L'},
    {"pthread_rwlock_unlock", 'U'},
    {"pthread_spin_lock", 'L'},
    {"pthread_spin_trylock", 'L'},
    {"pthread_spin_unlock", 'U'},
    {"mtx_lock", 'L'},
    {"mtx_trylock", 'L'},
    {"mtx_unlock", 'U'},
    {"pthread_cond_wait", 'W'},
    {"pthread_cond_timedwait", 'W'},
    {"pthread_cond_clockwait", 'W'},
    {"cnd_wait", 'W'},
    {"cnd_timedwait", 'W'},
    {"sem_wait", 'W'},
    {"sem_timedwait", 'W'},
    {"sem_trywait", 'W'},
    {"pthread_barrier_wait", 'W'},
    {"pthread_once", 'W'},
    {"syscall", 'W'},
    {"__cxa_guard_acquire", 'L'},
    {"__cxa_guard_release", 'U'},
    {"pthread_cond_signal", 'N'},
    {"pthread_cond_broadcast", 'N'},
    {"cnd_signal", 'N'},
    {"cnd_broadcast", 'N'},
    {"sem_post", 'N'},
    {"sleep", 'Z'},
    {"usleep", 'Z'},
    {"nanosleep", 'Z'},
    {"clock_nanosleep", 'Z'},
    {"thrd_sleep", 'Z'},
    {"sched_yield", 'Z'},
    {"pthread_yield", 'Z'},
    {"printf", 'O'},
    {"fprintf", 'O'},
    {"vprintf", 'O'},
    {"puts", 'O'},
    {"putchar", 'O'},
    {"fputs", 'O'},
    {"fputc", 'O'},
    {"putc", 'O'},
    {"fwrite", 'O'},
    {"fread", 'O'},
    {"read", 'O'},
    {"write", 'O'},
    {"send", 'O'},
    {"recv", 'O'},
    {"scanf", 'O'},
    {"getchar", 'O'},
};

constexpr Named kMembers[] = {
    {"std::thread::_M_start_thread", 'S'},
    {"std::thread::thread", 'S'},
    {"std::jthread::jthread", 'S'},
    {"std::async", 'S'},
    {"std::thread::join", 'J'},
    {"std::jthread::join", 'J'},
    {"std::mutex::lock", 'L'},
    {"std::mutex::try_lock", 'L'},
    {"std::mutex::unlock", 'U'},
    {"std::condition_variable::wait", 'W'},
    {"std::condition_variable::notify", 'N'},
    {"std::condition_variable_any::wait", 'W'},
    {"std::condition_variable_any::notify", 'N'},
    {"std::__atomic_futex_unsigned_base::_M_futex_wait", 'W'},
    {"std::__atomic_futex_unsigned_base::_M_futex_notify", 'N'},
    {"std::this_thread::__sleep_for", 'Z'},
    {"std::operator<<", 'O'},
    {"std::ostream::", 'O'},
    {"std::istream::", 'O'},
    {"std::basic_ostream<char>::", 'O'},
    {"std::basic_istream<char>::", 'O'},
    {"std::__ostream_insert", 'O'},
    {"std::endl", 'O'},
    {"std::flush", 'O'},
};

std::string Margin(const std::string& marks) {
  std::string result;
  for (const Meaning& meaning : kMeanings) {
    if (marks.find(meaning.mark) != std::string::npos) result.push_back(meaning.mark);
  }
  constexpr size_t kWidth = 6;
  result.resize(std::max(result.size(), kWidth), ' ');
  return result;
}

std::string Legend(const std::map<uint32_t, std::string>& marks) {
  std::string used;
  for (const auto& [line, line_marks] : marks) used += line_marks;
  std::string result;
  for (const Meaning& meaning : kMeanings) {
    if (used.find(meaning.mark) == std::string::npos) continue;
    result += std::string("  ") + meaning.mark + "  " + meaning.text + "\n";
  }
  return result.empty() ? "  no scheduling points\n\n" : result + "\n";
}

// What the functions of library headers do, by symbol.
class LibraryCode {
 public:
  LibraryCode(const std::string& file, const std::vector<Point>& points) {
    std::set<std::string> user_functions;
    for (const Point& point : points) {
      if (point.file == file) user_functions.insert(point.within);
    }
    for (const Point& point : points) {
      if (user_functions.count(point.within) == 0) functions_[point.within].push_back(&point);
    }
  }

  // Adds the marks of `symbol` and of all that it calls; plain accesses do not count.
  void AddMarks(const std::string& symbol, std::string* marks, std::set<std::string>* seen) const {
    const char own = MarkOfCall(symbol);
    if (own != ' ') {
      marks->push_back(own);
      return;
    }
    auto it = functions_.find(symbol);
    if (it == functions_.end() || !seen->insert(symbol).second) return;
    for (const Point* point : it->second) {
      if (point->mark == '(') AddMarks(point->callee, marks, seen);
      if (point->mark == 'A' || point->mark == 'F') marks->push_back(point->mark);
    }
  }

 private:
  std::map<std::string, std::vector<const Point*>> functions_;
};

}  // namespace

char MarkOfCall(const std::string& symbol) {
  const std::string callee = DisplayName(symbol, 0);
  for (const Named& function : kFunctions) {
    if (callee == function.prefix) return function.mark;
  }
  for (const Named& member : kMembers) {
    if (llvm::StringRef(callee).starts_with(member.prefix)) return member.mark;
  }
  return ' ';
}

std::string AnnotateSource(const std::string& source, const std::string& file,
                           const std::vector<Point>& points) {
  const LibraryCode library(file, points);
  std::map<uint32_t, std::string> marks;
  for (const Point& point : points) {
    if (point.file != file) continue;
    std::set<std::string> seen;
    if (point.mark == '(') {
      library.AddMarks(point.callee, &marks[point.line], &seen);
    } else {
      marks[point.line].push_back(point.mark);
    }
  }
  std::string result = Legend(marks);
  llvm::StringRef rest(source);
  for (uint32_t line = 1; !rest.empty(); ++line) {
    auto [text, tail] = rest.split('\n');
    rest = tail;
    std::string number = std::to_string(line);
    number.insert(0, number.size() < 4 ? 4 - number.size() : 0, ' ');
    auto it = marks.find(line);
    result += Margin(it == marks.end() ? "" : it->second) + number + "  " + text.str() + "\n";
  }
  return result;
}

}  // namespace csim::instrument
