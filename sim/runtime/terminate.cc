#include "sim/runtime/terminate.h"

#include <cxxabi.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <typeinfo>

#include "sim/runtime/gate.h"
#include "sim/runtime/program.h"
#include "sim/runtime/reports.h"
#include "sim/runtime/runtime.h"

namespace csim {

namespace {

// The message of the exception in flight, if it is a std::exception.
const char* WhatOfCurrent() {
  try {
    throw;
  } catch (const std::exception& e) {
    return e.what();
  } catch (...) {
    return "";
  }
}

// A task of the program that was neither joined nor detached; kNoTask if there is none.
TaskId FindJoinable() {
  const Machine& machine = g_runtime.machine();
  for (uint32_t i = 1; i < machine.task_count(); ++i) {
    const TaskState& t = machine.task(TaskId{static_cast<uint16_t>(i)});
    if (!t.joined && !t.detached) return t.id;
  }
  return kNoTask;
}

}  // namespace

void OnTerminate() {
  if (!g_runtime.Active()) abort();
  const std::type_info* type = abi::__cxa_current_exception_type();
  if (type != nullptr) {
    char name[256];
    size_t size = 0;
    int status = 0;
    char* demangled = abi::__cxa_demangle(type->name(), nullptr, &size, &status);
    snprintf(name, sizeof name, "%s", demangled != nullptr ? demangled : type->name());
    ReportException(name, WhatOfCurrent());
  }
  if (FindJoinable() != kNoTask) {
    ReportMisuseText("a joinable std::thread was destroyed (neither joined nor detached)", 1);
    if (g_runtime.machine().process_count() > 1) EndProcess(SIGABRT | 0x80);
    EndExecution(Outcome::kCrash, 128 + SIGABRT);
  }
  ReportCrash(SIGABRT, 0, 0, "std::terminate was called");
}

}  // namespace csim
