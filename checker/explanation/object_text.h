// How sentences name an object of a trace.
#ifndef CSIM_CHECKER_EXPLANATION_OBJECT_TEXT_H_
#define CSIM_CHECKER_EXPLANATION_OBJECT_TEXT_H_

#include <string>

#include "model/trace/trace.h"

namespace csim {

// "`m`", "the mutex", "it" if the trace does not have it.
inline std::string ObjectText(const Trace& trace, int object) {
  if (object < 0 || static_cast<size_t>(object) >= trace.objects.size()) return "it";
  const TraceObject& o = trace.objects[static_cast<size_t>(object)];
  return o.name.empty() ? "the " + o.kind : "`" + o.name + "`";
}

}  // namespace csim

#endif  // CSIM_CHECKER_EXPLANATION_OBJECT_TEXT_H_
