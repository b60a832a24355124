// Turns the records that a run left in the shared mapping into findings and traces with names, places
// and stacks. Checks every index: the program may have written anything over the records.
#ifndef CSIM_SIM_HOST_TRACE_READER_H_
#define CSIM_SIM_HOST_TRACE_READER_H_

#include <string>

#include "model/trace/trace.h"
#include "sim/host/program_file.h"
#include "sim/host/session.h"

namespace csim {

class TraceReader {
 public:
  TraceReader(const Session& session, const ProgramFile& program)
      : session_(session), program_(program) {}

  // The recorded execution (Config::record): tasks, objects, events, output, findings.
  // Program, options and strategy are the caller's to fill in.
  Trace ReadTrace() const;
  // Adds the memory accesses of the execution to its trace.
  void ReadAccesses(Trace& trace) const;
  // A finding of the exploration, without a trace's context (locks of the earlier side of a race are not
  // known).
  Finding ReadFinding(const FindingRecord& record) const { return Convert(record, nullptr); }

  Place PlaceOf(uint32_t site) const;
  Stack StackOf(uint32_t node) const;
  // The locks noted on top of a stack, in order of taking.
  std::vector<Lock> LocksOf(uint32_t node, const Trace* trace) const;

 private:
  // The program of this number (ProgramRecord); null if it is not known.
  const ProgramFile* ProgramOf(uint64_t number) const;
  // What lies at a kGlobal location of a program; null if that is not known.
  const ProgramFile::Symbol* SymbolAt(const LocationKey& key) const;
  void ReadTasks(Trace& trace) const;
  void ReadObjects(Trace& trace) const;
  void ReadEvents(Trace& trace) const;
  void ReadFindings(Trace& trace) const;
  Finding Convert(const FindingRecord& record, const Trace* trace) const;
  std::string WaitDetail(const WaitRecord& wait) const;
  Side SideOf(FindingKind kind, const SideRecord& access, const Trace* trace) const;
  Side ReadSide(const FindingRecord& record, int index, const Trace* trace) const;
  void DescribeMemory(const FindingRecord& record, Finding& finding) const;
  std::string DescribeLocation(const LocationKey& key, uint32_t size) const;
  std::string VariableOf(const FindingRecord& record, const Finding& finding) const;
  std::string ObjectName(const ObjectRecord& record) const;

  const Session& session_;
  const ProgramFile& program_;
};

// Conversions for replays.
std::vector<ScheduleStep> ToSteps(const std::vector<ScheduleRun>& runs);
std::vector<ScheduleRun> ToRuns(const std::vector<ScheduleStep>& steps);
std::vector<RacyLocation> ToRacy(const std::vector<LocationKey>& keys);
std::vector<LocationKey> ToKeys(const std::vector<RacyLocation>& locations);

// "main", "T1", ...
std::string TaskName(uint32_t task);

}  // namespace csim

#endif  // CSIM_SIM_HOST_TRACE_READER_H_
