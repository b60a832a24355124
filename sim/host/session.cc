#include "sim/host/session.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <new>

namespace csim {

namespace {

// Addresses that programs, their libraries, heaps and stacks do not use. Each session of csim's takes a
// piece of its own there.
constexpr uintptr_t kFirstAddress = 0x200000000000;
constexpr uintptr_t kLastAddress = 0x400000000000;

std::string ErrnoText() { return std::strerror(errno); }

struct ChildPlan {
  const char* program;
  char* const* argv;
  char* const* envp;
  int stdin_fd;
  int output_fd;
  int error_fd;
  int mapping_fd;
  int bell_fd;
  int cpu;
  pid_t parent;
};

// Where it is allowed, the program has networks, System V objects and mounts of its own: what it does past
// us meets nobody else's. Costs about a millisecond. (No number space for processes: docs/architecture.md says
// why.)
void Isolate() {
  unshare(CLONE_NEWIPC);
  unshare(CLONE_NEWNET);
  if (unshare(CLONE_NEWNS) == 0) mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr);
}

// Between fork and exec: async-signal-safe calls only.
[[noreturn]] void RunChild(const ChildPlan& plan) {
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != plan.parent) _exit(127);
  Isolate();
  personality(static_cast<unsigned long>(personality(0xffffffff)) | ADDR_NO_RANDOMIZE);
  if (plan.cpu >= 0) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(plan.cpu, &set);
    sched_setaffinity(0, sizeof set, &set);
  }
  dup2(plan.stdin_fd, 0);
  dup2(plan.output_fd, 1);
  dup2(plan.output_fd, 2);
  // What csim has inherited is not the program's: its numbers are the same wherever csim is run.
  close_range(3, ~0u, CLOSE_RANGE_CLOEXEC);
  fcntl(plan.mapping_fd, F_SETFD, 0);
  fcntl(plan.bell_fd, F_SETFD, 0);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  execve(plan.program, plan.argv, plan.envp);
  const int error = errno;
  if (write(plan.error_fd, &error, sizeof error) < 0) _exit(126);
  _exit(127);
}

std::vector<std::string> EnvironmentWith(const std::string& variable) {
  std::vector<std::string> result;
  for (char** e = environ; *e != nullptr; ++e) {
    if (std::strncmp(*e, "LD_BIND_NOW=", 12) != 0) result.emplace_back(*e);
  }
  result.push_back(variable);
  result.emplace_back("LD_BIND_NOW=1");
  return result;
}

std::vector<char*> Pointers(std::vector<std::string>& strings) {
  std::vector<char*> result;
  for (std::string& s : strings) result.push_back(s.data());
  result.push_back(nullptr);
  return result;
}

}  // namespace

namespace {

// What belongs to a part, as it is before it begins.
void ClearPart(Control& c) {
  c.executions = c.redundant = c.vain = c.cut = c.steps = 0;
  c.lost = c.restarts = c.nondet = c.state_unknown = 0;
  c.finding_count = c.outcome_count = c.outcomes_lost = 0;
  c.limit_steps_hit = 0;
  c.kept = KeptPart{};
}

}  // namespace

bool Session::MakeMapping(const SessionOptions& options) {
  mapping_fd_ = memfd_create("csim", MFD_CLOEXEC);
  if (mapping_fd_ < 0 || ftruncate(mapping_fd_, kMappingSize) != 0) return false;
  for (uintptr_t address = kFirstAddress; address < kLastAddress; address += kMappingSize) {
    void* p = mmap(reinterpret_cast<void*>(address), kMappingSize, PROT_READ | PROT_WRITE,
                   MAP_SHARED | MAP_NORESERVE | MAP_FIXED_NOREPLACE, mapping_fd_, 0);
    if (p == MAP_FAILED) continue;
    mapping_ = static_cast<Mapping*>(p);
    mapping_->magic = kMappingMagic;
    mapping_->size = kMappingSize;
    mapping_->address = address;
    mapping_->config = options.config;
    PutSchedule(options);
    std::memcpy(&config_, &mapping_->config, sizeof config_);  // with its padding, to be compared
    return true;
  }
  return false;
}

// The schedule goes to the end of the mapping, behind the inputs of parts.
void Session::PutSchedule(const SessionOptions& options) {
  const size_t size = options.schedule.size() * sizeof(ScheduleRun);
  Config& config = mapping_->config;
  config.schedule_offset = kMappingSize - ((size + 4095) & ~size_t{4095});
  config.schedule_runs = static_cast<uint32_t>(options.schedule.size());
  config.use_stdin = !options.stdin_file.empty();
  char* const base = reinterpret_cast<char*>(mapping_);
  if (size != 0) std::memcpy(base + config.schedule_offset, options.schedule.data(), size);
}

bool Session::Launch(const SessionOptions& options, const Doorbell& bell, std::string* error) {
  const char* input = options.stdin_file.empty() ? "/dev/null" : options.stdin_file.c_str();
  const int stdin_fd = open(input, O_RDONLY | O_CLOEXEC);
  if (stdin_fd < 0) {
    *error = std::string("cannot read '") + input + "': " + ErrnoText();
    return false;
  }
  const int output_fd = memfd_create("csim-output", MFD_CLOEXEC);
  int error_pipe[2];
  if (output_fd < 0 || pipe2(error_pipe, O_CLOEXEC) != 0) {
    *error = "cannot start the program: " + ErrnoText();
    return false;
  }
  std::vector<std::string> arguments = {options.argument0};
  arguments.insert(arguments.end(), options.arguments.begin(), options.arguments.end());
  char variable[128];
  std::snprintf(variable, sizeof variable, "%s=%x:%lx:%lx:%x", kMappingVariable, mapping_fd_,
                static_cast<unsigned long>(mapping_->address),
                static_cast<unsigned long>(mapping_->size), bell.fd());
  std::vector<std::string> environment = EnvironmentWith(variable);
  const std::vector<char*> argv = Pointers(arguments);
  const std::vector<char*> envp = Pointers(environment);
  const ChildPlan plan{options.program.c_str(), argv.data(), envp.data(), stdin_fd,    output_fd,
                       error_pipe[1],           mapping_fd_, bell.fd(),   options.cpu, getpid()};
  pid_ = fork();
  if (pid_ == 0) RunChild(plan);
  close(stdin_fd);
  close(output_fd);
  close(error_pipe[1]);
  int exec_error = 0;
  const bool failed = pid_ < 0 || read(error_pipe[0], &exec_error, sizeof exec_error) > 0;
  close(error_pipe[0]);
  if (failed) *error = "cannot run '" + options.program + "': " + std::strerror(exec_error);
  return !failed;
}

Result<std::unique_ptr<Session>> Session::Start(const SessionOptions& options,
                                                const Doorbell& bell) {
  std::unique_ptr<Session> session(new Session);
  if (!session->MakeMapping(options)) {
    return Error{"cannot make the memory shared with the program: " + ErrnoText()};
  }
  std::string error;
  if (!session->Launch(options, bell, &error)) return Error{error};
  return session;
}

void Session::Kill() {
  if (pid_ <= 0) return;
  kill(-pid_, SIGKILL);
  kill(pid_, SIGKILL);
  int status = 0;
  while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  kill(-pid_, SIGKILL);
  pid_ = -1;
  // (Not the path of an idle session: its executions have taken away what they made.)
  if (mapping_ != nullptr && !damaged_) mapping_->made_files.Remove();
}

// An idle program is told that there is nothing more to do, and ends by itself: then its processor time
// counts as csim's. If it does not, it is killed.
void Session::Dismiss() {
  if (pid_ <= 0 || Look() != Status::kIdle) return;
  mapping_->part = PartOrder{};
  std::memcpy(&part_, &mapping_->part, sizeof part_);
  mapping_->control.part_wanted = ++part_number_;
  WakeWaiters(&mapping_->control.part_wanted);
  for (int i = 0; i < 400; ++i) {
    int status = 0;
    if (waitpid(pid_, &status, WNOHANG) == pid_) {
      kill(-pid_, SIGKILL);
      pid_ = -1;
      return;
    }
    usleep(50);
  }
}

Session::~Session() {
  Dismiss();
  Kill();
  if (mapping_ != nullptr) munmap(mapping_, kMappingSize);
  if (mapping_fd_ >= 0) close(mapping_fd_);
}

bool Session::FindDamage() {
  const Mapping& m = *mapping_;
  const bool sound = m.magic == kMappingMagic && m.size == kMappingSize &&
                     m.address == reinterpret_cast<uintptr_t>(mapping_) &&
                     std::memcmp(&m.config, &config_, sizeof config_) == 0 &&
                     std::memcmp(&m.part, &part_, sizeof part_) == 0;
  if (sound) return false;
  damaged_ = true;
  ended_ = Status::kDied;
  failure_ = "the program wrote over csim's own memory";
  return true;
}

void Session::NoteEnd(int status) {
  const pid_t group = pid_;
  pid_ = -1;
  kill(-group, SIGKILL);
  if (FindDamage()) return;
  mapping_->made_files.Remove();
  ended_ = Status::kFailed;
  const Phase phase = mapping_->control.phase;
  if (phase == Phase::kFailed) {
    failure_.assign(mapping_->control.failure,
                    strnlen(mapping_->control.failure, sizeof mapping_->control.failure));
  } else if (phase == Phase::kStarting && !(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)) {
    failure_ = WIFSIGNALED(status)
                   ? std::string("the program was killed before main by signal ") +
                         std::to_string(WTERMSIG(status))
                   : std::string("the program ended before main (is it built with csim?)");
  } else if (phase == Phase::kDied) {
    ended_ = Status::kDied;
    failure_.assign(mapping_->control.failure,
                    strnlen(mapping_->control.failure, sizeof mapping_->control.failure));
  } else {
    ended_ = Status::kDied;
    failure_ = "the program's process ended unexpectedly (was it killed from outside?)";
  }
}

void Session::Explore(const SessionPart& part) {
  PartOrder& order = mapping_->part;
  Control& control = mapping_->control;
  char* const base = reinterpret_cast<char*>(mapping_);
  order = PartOrder{};
  std::strncpy(order.strategy, part.strategy.c_str(), sizeof(order.strategy) - 1);
  order.executions = part.executions;
  order.state_offset = kInputOffset;
  order.state_size = part.state.size();
  order.racy_offset = kInputOffset + ((part.state.size() + 15) & ~size_t{15});
  order.racy_count = static_cast<uint32_t>(std::min<size_t>(part.racy.size(), kMaxRacy));
  order.lost_at = part.lost_at;
  std::memcpy(base + order.state_offset, part.state.data(), part.state.size());
  if (order.racy_count != 0) {
    std::memcpy(base + order.racy_offset, part.racy.data(), order.racy_count * sizeof(LocationKey));
  }
  std::memcpy(&part_, &order, sizeof part_);
  ClearPart(control);
  keeps_wanted_ = keeps_taken_ = 0;
  control.keep_wanted = control.keep_done = 0;
  control.part_wanted = ++part_number_;
  WakeWaiters(&control.part_wanted);
}

Session::Status Session::Look() {
  if (pid_ <= 0) return ended_;
  if (FindDamage()) {
    Kill();
    return ended_;
  }
  // A part that is done is done, whatever becomes of the process.
  if (mapping_->control.part_done == part_number_) return Status::kIdle;
  int status = 0;
  if (waitpid(pid_, &status, WNOHANG) != pid_) return Status::kBusy;
  NoteEnd(status);
  return ended_;
}

void Session::AskToStop() { mapping_->control.stop_request = 1; }

void Session::AskToKeep() {
  if (keeps_wanted_ != keeps_taken_) return;
  mapping_->control.keep_wanted = ++keeps_wanted_;
}

bool Session::TakeKept() {
  if (keeps_wanted_ == keeps_taken_ || mapping_->control.keep_done != keeps_wanted_) return false;
  keeps_taken_ = keeps_wanted_;
  return true;
}

const void* Session::At(uint64_t offset, uint64_t size) const {
  if (offset > kMappingSize || size > kMappingSize - offset) return nullptr;
  return reinterpret_cast<const char*>(mapping_) + offset;
}

std::vector<ScheduleRun> Session::ScheduleAt(uint64_t offset, uint32_t runs) const {
  const auto* p = static_cast<const ScheduleRun*>(At(offset, uint64_t{runs} * sizeof(ScheduleRun)));
  if (p == nullptr || offset == 0) return {};
  return {p, p + runs};
}

std::vector<LocationKey> Session::Racy(uint32_t count) const {
  count = std::min(count, kMaxRacy);
  return {mapping_->racy, mapping_->racy + count};
}

}  // namespace csim
