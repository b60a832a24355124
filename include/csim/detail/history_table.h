// A history as a table, one column per thread. Operations in the same row overlap; one that goes on
// through several rows has a bar below it; rows come one after the other.
#ifndef CSIM_DETAIL_HISTORY_TABLE_H_
#define CSIM_DETAIL_HISTORY_TABLE_H_

#pragma GCC system_header

#include <csim/detail/history.h>

#include <string>
#include <vector>

namespace csim::detail {

// `texts`: by thread and operation. `order`: all markers.
inline std::string history_table(const std::vector<std::vector<std::string>>& texts,
                                 const std::vector<marker>& order) {
  // An operation begins a row if another one has responded since the last row began.
  std::vector<std::vector<std::string>> rows;
  std::vector<bool> pending(texts.size(), false);
  bool responded = true;
  for (const marker& m : order) {
    const bool begins = m.number % 2 == 0;
    if (begins && responded) {
      rows.emplace_back(texts.size());
      for (std::size_t t = 0; t < texts.size(); ++t) rows.back()[t] = pending[t] ? "|" : "";
      responded = false;
    }
    if (begins) rows.back()[m.thread] = texts[m.thread][m.number / 2];
    if (!begins) responded = true;
    pending[m.thread] = begins;
  }

  std::vector<std::string> head;
  std::vector<std::size_t> widths;
  for (std::size_t t = 0; t < texts.size(); ++t) {
    head.push_back("Thread " + std::to_string(t + 1));
    widths.push_back(head.back().size());
    for (const auto& row : rows) widths[t] = std::max(widths[t], row[t].size());
  }
  std::string text;
  const auto put = [&](const std::vector<std::string>& row) {
    for (std::size_t t = 0; t < row.size(); ++t) {
      text += "| " + row[t] + std::string(widths[t] - row[t].size() + 1, ' ');
    }
    text += "|\n";
  };
  put(head);
  for (const std::size_t width : widths) text += "|" + std::string(width + 2, '-');
  text += "|\n";
  for (const auto& row : rows) put(row);
  return text;
}

}  // namespace csim::detail

#endif  // CSIM_DETAIL_HISTORY_TABLE_H_
