// The trace file: one JSON document, version kTraceVersion. Keys may be added, never changed.
#ifndef CSIM_MODEL_TRACE_TRACE_FILE_H_
#define CSIM_MODEL_TRACE_TRACE_FILE_H_

#include <string>

#include "model/trace/trace.h"

namespace csim {

// The file's text. Ends with a newline.
std::string WriteTrace(const Trace& trace);

// Reads a trace back. On failure returns false and sets `error` to one line that says what is wrong
// and where ("line 12: ..."); a file that was cut off or edited is noticed (it carries a checksum).
bool ParseTrace(const std::string& text, Trace* trace, std::string* error);

}  // namespace csim

#endif  // CSIM_MODEL_TRACE_TRACE_FILE_H_
