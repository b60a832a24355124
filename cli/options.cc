#include "cli/options.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <thread>

#include "cli/suggest.h"

namespace csim {

namespace {

// Words that begin like this are the compiler's; those in the first list take a value that may stand in
// the next word.
constexpr const char* kWithValue[] = {"-I",       "-D",      "-U",       "-L", "-l",
                                      "-isystem", "-iquote", "-include", "-x", "-Xclang",
                                      "-Xlinker", "-target", "-mllvm"};
constexpr const char* kPrefixes[] = {
    "-std",      "-stdlib", "-O",     "-g",      "-W",        "-f",      "-m",    "-pthread",
    "-pedantic", "-w",      "-nostd", "-static", "-rdynamic", "-shared", "-ansi", "-u"};

constexpr uint64_t kMostPreemptions = 1'000'000'000;
constexpr double kLongestLoop = 1'000'000;  // seconds

bool BeginsWith(const std::string& word, const char* prefix) { return word.rfind(prefix, 0) == 0; }

// What CLI11 is to check: a value out of a list, with an error that names them all, and the one that was meant.
CLI::Validator OneOf(const std::vector<std::string>& values) {
  const std::string names = fmt::format("{}", fmt::join(values, ","));
  return CLI::Validator(
      [values, names](std::string& text) {
        if (std::find(values.begin(), values.end(), text) != values.end()) return std::string();
        const std::string alike = MostAlike(text, values);
        return alike.empty()
                   ? fmt::format("'{}' is none of {{{}}}", text, names)
                   : fmt::format("'{}' is none of {{{}}}; did you mean {}?", text, names, alike);
      },
      "{" + names + "}");
}

CLI::Validator Seconds(double* target) {
  return CLI::Validator(
      [target](std::string& text) {
        return ParseSeconds(text, target) ? std::string()
                                          : "'" + text + "' is no time (60, 60s, 2m)";
      },
      "SECONDS");
}

// CLI11 takes "-1" for a large number and lets what is too large pass.
CLI::Validator Whole(uint64_t most = ~uint64_t{0}, uint64_t least = 0) {
  return CLI::Validator(
      [most, least](std::string& text) {
        const bool digits = text.find_first_not_of("0123456789") == std::string::npos;
        errno = 0;
        const uint64_t value = std::strtoull(text.c_str(), nullptr, 10);
        if (!digits || text.empty() || errno != 0 || value > most) {
          return "'" + text + "' is no whole number, or too large";
        }
        return value < least ? "must be at least " + std::to_string(least) : std::string();
      },
      "NUMBER");
}
CLI::Validator AtLeastOne(uint64_t most = ~uint64_t{0}) { return Whole(most, 1); }

CLI::Validator Bytes(uint64_t* target) {
  return CLI::Validator(
      [target](std::string& text) {
        return ParseBytes(text, target) ? std::string() : "'" + text + "' is no size (512M, 2G)";
      },
      "BYTES");
}

constexpr uint32_t kMostJobs = 256;

CLI::Validator Jobs(uint32_t* target) {
  return CLI::Validator(
      [target](std::string& text) {
        const bool digits = !text.empty() && text.size() < 8 &&
                            text.find_first_not_of("0123456789") == std::string::npos;
        const unsigned long value = text == "auto"
                                        ? std::max(std::thread::hardware_concurrency(), 1u)
                                    : digits ? std::strtoul(text.c_str(), nullptr, 10)
                                             : 0;
        *target = static_cast<uint32_t>(value);
        return value > 0 && value <= kMostJobs ? std::string()
                                               : "'" + text + "' is no number of jobs (1, 2, auto)";
      },
      "NUMBER|auto");
}

// About a word that is no option, or one file too many.
std::string UnknownText(const CLI::App& app, const std::string& word) {
  if (word.empty() || word[0] != '-') return fmt::format("'{}' is one argument too many", word);
  std::vector<std::string> known;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) known.push_back("--" + name);
  }
  const std::string name = word.substr(0, word.find('='));
  const std::string alike = MostAlike(name, known);
  return alike.empty()
             ? fmt::format("there is no option '{}'; `{} --help` lists them", name, app.get_name())
             : fmt::format("there is no option '{}'; did you mean {}?", name, alike);
}

int Parse(CLI::App& app, Words words) {
  std::reverse(words.begin(), words.end());  // as CLI11 wants them
  try {
    app.parse(words);
    return -1;
  } catch (const CLI::CallForHelp&) {
    std::fputs(app.help().c_str(), stdout);
    return 0;
  } catch (const CLI::ExtrasError&) {
    return UsageError(UnknownText(app, app.remaining().front()));
  } catch (const CLI::ParseError& e) {
    std::string message = e.what();
    std::replace(message.begin(), message.end(), '\n', ' ');
    return UsageError(message);
  }
}

// "any", or the most times that a waiting task may be passed.
bool ParseFairness(const std::string& text, ExploreOptions* options) {
  options->fairness = true;
  if (text == "any") return true;
  const bool digits = text.size() < 8 && text.find_first_not_of("0123456789") == std::string::npos;
  options->fairness_bound = digits ? std::strtol(text.c_str(), nullptr, 10) : -1;
  return digits;
}

}  // namespace

bool ParseSeconds(const std::string& text, double* seconds) {
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  if (end == text.c_str() || !(value >= 0) || value > 1e9) return false;
  const std::string unit = end;
  const double factor = unit.empty() || unit == "s" ? 1
                        : unit == "ms"              ? 0.001
                        : unit == "m"               ? 60
                        : unit == "h"               ? 3600
                                                    : -1;
  *seconds = value * factor;
  return factor > 0;
}

bool ParseBytes(const std::string& text, uint64_t* bytes) {
  char* end = nullptr;
  if (text.empty() || text[0] < '0' || text[0] > '9') return false;
  const uint64_t value = std::strtoull(text.c_str(), &end, 10);
  const std::string unit = end;
  const int shift = unit.empty() ? 0 : unit == "K" ? 10 : unit == "M" ? 20 : unit == "G" ? 30 : -1;
  if (shift < 0 || value > (uint64_t{1} << 50)) return false;
  *bytes = value << shift;
  return true;
}

std::vector<std::string> TakeCompilerFlags(Words* words) {
  std::vector<std::string> flags;
  Words rest;
  for (size_t i = 0; i < words->size(); ++i) {
    const std::string& word = (*words)[i];
    const bool dashed = word.size() > 1 && word[0] == '-' && word[1] != '-';
    const auto valued = std::find_if(std::begin(kWithValue), std::end(kWithValue),
                                     [&](const char* p) { return BeginsWith(word, p); });
    const bool plain = std::any_of(std::begin(kPrefixes), std::end(kPrefixes),
                                   [&](const char* p) { return BeginsWith(word, p); });
    if (dashed && valued != std::end(kWithValue)) {
      flags.push_back(word);
      if (word == *valued && i + 1 < words->size()) flags.push_back((*words)[++i]);
    } else if (dashed && plain) {
      flags.push_back(word);
    } else {
      rest.push_back(word);
    }
  }
  *words = std::move(rest);
  return flags;
}

int ParseExplore(const Words& given, ExploreOptions* o) {
  Words words = given;
  if (const auto dashes = std::find(words.begin(), words.end(), "--"); dashes != words.end()) {
    o->arguments.assign(dashes + 1, words.end());
    words.erase(dashes, words.end());
  }
  o->flags = TakeCompilerFlags(&words);
  CLI::App app{"Runs a program under every schedule that matters and reports what goes wrong.",
               "csim explore"};
  std::string time = "60s";
  std::string memory = "1G";
  std::string loop = "2s";
  std::string jobs = "1";
  std::string fairness;
  app.add_option("FILE", o->files, "C or C++ sources, objects, or one program built by csim")
      ->required();
  app.add_option("--strategy", o->strategy, "what chooses the next task")
      ->check(OneOf({"auto", "dfs", "sleep-sets", "dpor", "preemption-bounded", "random", "pct",
                     "pos", "surw", "reads-from", "fair-cycles", "round-robin", "predict"}))
      ->capture_default_str();
  app.add_option("--seed", o->seed, "of random strategies")->check(Whole())->capture_default_str();
  app.add_option("--executions", o->executions,
                 "at most so many (default for strategies that sample: 1000)")
      ->check(Whole());
  app.add_option("--time-limit", time, "for the exploration; 0: none")
      ->check(Seconds(&o->time_limit))
      ->capture_default_str();
  app.add_option("--preemptions", o->preemptions, "schedules with at most so many preemptions only")
      ->check(Whole(kMostPreemptions));
  app.add_option("--depth", o->depth, "pct: of how many operations a bug needs the order")
      ->check(AtLeastOne(1000))
      ->capture_default_str();
  app.add_option("--max-steps", o->max_steps, "operations per execution; longer ones are cut")
      ->check(AtLeastOne())
      ->capture_default_str();
  app.add_option("--memory-limit", memory, "of the program's heap")
      ->check(Bytes(&o->memory_limit))
      ->capture_default_str();
  app.add_option("--loop-limit", loop,
                 "processor time without a scheduling point that counts as an endless loop")
      ->check(Seconds(&o->loop_limit))
      ->capture_default_str();
  app.add_option("--rwlock-policy", o->rwlock_policy, "who gets a reader-writer lock")
      ->check(OneOf({"program", "reader", "writer", "fair", "all"}))
      ->capture_default_str();
  app.add_option("--property", o->property,
                 "check only this one of the properties that the program states");
  app.add_flag(
      "--fairness{any}", fairness,
      "show how often, at most, others pass a task that waits for a lock; --fairness=K: more "
      "than K times is a bug");
  app.add_option("--timeouts", o->timeouts, "when timed waits end")
      ->check(OneOf({"any", "virtual"}))
      ->capture_default_str();
  app.add_option("--switch", o->switch_mode, "how tasks are switched")
      ->check(OneOf({"auto", "user", "kernel"}))
      ->capture_default_str();
  app.add_option("--restart", o->restart, "how the next execution begins")
      ->check(OneOf({"auto", "in-place", "fork"}))
      ->capture_default_str();
  app.add_option("--stdin", o->stdin_file,
                 "FILE that is the program's standard input (default: empty)");
  app.add_option("--trace-dir", o->trace_dir, "where traces are written")->capture_default_str();
  app.add_option("--json", o->json_file, "write the result as JSON; - for standard output");
  app.add_option("--jobs", jobs,
                 "explore with so many processes at the same time; auto: one a core")
      ->check(Jobs(&o->jobs))
      ->capture_default_str();
  app.add_flag("--resume", o->resume, "go on with an exploration that was stopped or killed");
  app.add_flag("--progress", o->progress, "show progress even if there is no terminal");
  app.add_flag("--strict-processes", o->strict_processes,
               "zombies, orphans and locks that a dead process holds are bugs, not information");
  app.add_option("--predict-budget", o->predict_budget,
                 "steps of the solver for each race or deadlock that one execution lets foresee")
      ->check(AtLeastOne())
      ->capture_default_str();
  app.add_flag("!--no-predict", o->predict,
               "auto: do not begin with what one execution lets foresee");
  app.add_flag("--compare", o->compare,
               "show a failing execution beside the nearest one that passes");
  app.add_flag("--spurious", o->spurious, "waits may also end without a reason");
  app.add_flag("--io-faults", o->io_faults,
               "reads and writes of pipes and sockets may also be short, and waits interrupted");
  app.add_flag("--keep-going", o->keep_going, "go on after the first bug");
  app.add_flag("--outcomes", o->outcomes, "list every distinct output, with how often it occurs");
  app.add_option("--native", o->native,
                 "runs the program so many times as the system schedules it, and shows how often "
                 "each outcome came beside what the exploration found (with --outcomes)")
      ->check(AtLeastOne());
  app.add_flag("-v,--verbose", o->verbose, "say what was built and how");
  app.add_flag("-q,--quiet", o->quiet, "the verdict only");
  const int code = Parse(app, words);
  o->outcomes |= o->native > 0;
  if (code < 0 && !fairness.empty() && !ParseFairness(fairness, o)) {
    return UsageError("--fairness: '" + fairness + "' is no number of times");
  }
  if (code < 0 && (o->loop_limit <= 0 || o->loop_limit > kLongestLoop)) {
    return UsageError("--loop-limit: '" + loop + "' is no time that a loop may take");
  }
  if (code < 0 && o->resume && o->rwlock_policy == "all") {
    return UsageError("--resume: name one --rwlock-policy, each is an exploration of its own");
  }
  return code;
}

int ParseReplay(const Words& words, ReplayOptions* o) {
  CLI::App app{"Runs a recorded execution again.", "csim replay"};
  app.add_option("TRACE", o->trace_file, "a trace file written by csim explore")->required();
  app.add_option("--switch", o->switch_mode, "how tasks are switched")
      ->check(OneOf({"auto", "user", "kernel"}))
      ->capture_default_str();
  app.add_option("--repeat", o->repeat, "so many times")
      ->check(AtLeastOne())
      ->capture_default_str();
  app.add_flag("--step", o->steps, "show every step, one column per task");
  app.add_flag("-q,--quiet", o->quiet, "only whether it is the same");
  return Parse(app, words);
}

}  // namespace csim
