// The marks of `csim instrument --points`.
#ifndef CSIM_INSTRUMENT_POINTS_H_
#define CSIM_INSTRUMENT_POINTS_H_

#include <string>
#include <vector>

#include "instrument/code/code_stage.h"

namespace csim::instrument {

// The mark of a call to the function of that symbol; ' ' if it is no scheduling point by itself.
char MarkOfCall(const std::string& callee);

// `source` with the marks of all points in `file` before each line, after a legend. A call into the
// library gets the marks of what the library's code does there.
std::string AnnotateSource(const std::string& source, const std::string& file,
                           const std::vector<Point>& points);

}  // namespace csim::instrument

#endif  // CSIM_INSTRUMENT_POINTS_H_
