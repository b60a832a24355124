// What `csim instrument FILE` prints: the rewritten source, the difference, or the points.
#ifndef CSIM_INSTRUMENT_SHOW_H_
#define CSIM_INSTRUMENT_SHOW_H_

#include <string>

#include "instrument/build.h"

namespace csim::instrument {

struct ShowResult {
  bool ok = false;
  std::string text;   // for standard output
  std::string error;  // "csim: error: ..."; empty if diagnostics were printed already
};

// All of them look at the one file in request.sources and build nothing.

// The main file as the source stage changes it.
ShowResult RewrittenSource(const BuildRequest& request);
// Unified difference of all files that it changes; empty if there are none.
ShowResult Diff(const BuildRequest& request);
// The main file with every scheduling point and every instrumented plain access marked in the left
// margin, after a legend.
ShowResult Points(const BuildRequest& request);

}  // namespace csim::instrument

#endif  // CSIM_INSTRUMENT_SHOW_H_
