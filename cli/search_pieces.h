// What a kept exploration says about itself, so that it is only gone on with as it was begun.
#ifndef CSIM_CLI_SEARCH_PIECES_H_
#define CSIM_CLI_SEARCH_PIECES_H_

#include <map>
#include <string>

#include "cli/options.h"
#include "sim/host/search_store.h"

namespace csim {

// The program, and the options on which the executions and their order depend. Others (--jobs,
// --time-limit, --switch, where reports go) may be different each time.
std::map<std::string, std::string> SearchPieces(const std::string& program_hash,
                                                const ExploreOptions& options);

// Empty if the store was begun with these pieces; else which one differs, and how.
std::string DifferenceTo(const SearchStore& store,
                         const std::map<std::string, std::string>& pieces);

}  // namespace csim

#endif  // CSIM_CLI_SEARCH_PIECES_H_
