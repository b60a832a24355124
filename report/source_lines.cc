#include "report/source_lines.h"

#include <fstream>

namespace csim {

const std::string& SourceLines::Line(const std::string& file, uint32_t line) {
  const auto [it, added] = files_.try_emplace(file);
  if (added) {
    std::ifstream stream(file);
    for (std::string text; std::getline(stream, text);) it->second.push_back(text);
  }
  if (line == 0 || line > it->second.size()) return empty_;
  return it->second[line - 1];
}

}  // namespace csim
