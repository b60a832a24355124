// Lines of the program's source files, for showing code in reports.
#ifndef CSIM_REPORT_SOURCE_LINES_H_
#define CSIM_REPORT_SOURCE_LINES_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace csim {

class SourceLines {
 public:
  // Line `line` (from 1) of `file`; empty if there is none (any more).
  const std::string& Line(const std::string& file, uint32_t line);

 private:
  std::map<std::string, std::vector<std::string>> files_;
  std::string empty_;
};

}  // namespace csim

#endif  // CSIM_REPORT_SOURCE_LINES_H_
