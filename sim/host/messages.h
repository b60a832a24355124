// The one-sentence message of a finding, and small helpers around names.
#ifndef CSIM_SIM_HOST_MESSAGES_H_
#define CSIM_SIM_HOST_MESSAGES_H_

#include <string>

#include "model/finding_kind.h"
#include "model/trace/trace.h"

namespace csim {

// `text`: what the runtime noted (the assertion's expression, the name of a call, ...). `trace` may be
// null.
std::string FindingMessage(FindingKind kind, const std::string& text, const Finding& finding,
                           const Trace* trace);

// A line that says that one access came before the other.
std::string ConflictLine(const Side& first, const Side& second, const Trace* trace);

// A function's name without parameters and return type.
std::string BareFunction(const std::string& demangled);

// What a task waits for at a channel, in words. `operation`: name of its row; `mine`, `others`: as in
// WaitRecord.
std::string ChannelWait(const std::string& operation, const std::string& kind, const Place& made_at,
                        const std::string& mine, const std::string& others);

}  // namespace csim

#endif  // CSIM_SIM_HOST_MESSAGES_H_
