// Every error and diagnostic code of the program: the documented list that `ponte explain` prints.
// 1xxx command line and environment, 2xxx reading files, 3xxx graphs and ops, 4xxx writing, 5xxx
// evaluation, 6xxx runtimes and workers, 7xxx lab and store, 8xxx verification, 9xxx the program
// itself.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace ponte {

// What kind of failure a code stands for; the exit code of the program follows from it.
enum class ErrorKind : std::uint8_t {
  Usage,          // exit 2: the command line is wrong
  Malformed,      // exit 3: the file's bytes contradict its specification
  Unsupported,    // exit 3: understood, and not supported
  Inexpressible,  // exit 3: the target can't say it
  Unsafe,         // exit 3: refused because reading or running it would be dangerous
  Limit,          // exit 3: a limit was hit; a flag raises it
  Worker,         // exit 4: a worker crashed, hung or lied
  Environment,    // exit 5: a runtime, device or library is missing
  Io,             // exit 5: the operating system said no
  Internal,       // exit 6: a defect of ponte
  Interrupted,    // exit 130
};

int exit_code(ErrorKind kind);

// A code never changes its meaning; retired numbers stay unused.
enum class Code : std::uint16_t {
  // 1xxx: command line and environment
  UsageError = 1001,
  UnknownName = 1002,
  ConfigurationError = 1003,
  ConfigurationIgnored = 1004,
  NotOneFile = 1005,
  CannotOpenFile = 1101,
  CannotReadFile = 1102,
  CannotWriteFile = 1103,
  FileChanged = 1104,
  SystemCallFailed = 1105,
  CannotStartProcess = 1106,
  Interrupted = 1130,

  // 2xxx: reading files
  UnknownFormat = 2001,
  TruncatedFile = 2101,
  MalformedField = 2102,
  TruncatedTensor = 2103,
  TensorSizeMismatch = 2104,
  CountTooLarge = 2105,
  NestingTooDeep = 2106,
  InvalidText = 2107,
  MissingField = 2108,
  DimensionOutOfRange = 2109,
  UnknownDtype = 2110,
  PathOutsideModel = 2201,
  MissingWeights = 2301,
  WeightsOfAnotherNetwork = 2302,
  UnusedWeights = 2303,
  LayerLeftOut = 2310,
  UnknownInputShape = 2311,
  NoReaderForOp = 2401,
  UnreadAttribute = 2402,
  InvalidForeignNode = 2403,
  UnsupportedOpset = 2404,

  // 3xxx: graphs and ops
  GraphNotAcyclic = 3001,
  DuplicateName = 3002,
  UndefinedValue = 3003,
  InvalidGraph = 3004,
  TextSyntax = 3010,
  InvalidAttribute = 3101,
  MissingAttribute = 3102,
  WrongInputCount = 3103,
  InvalidInputType = 3104,
  ShapeMismatch = 3105,
  InvalidAxis = 3106,
  TypesDisagree = 3107,
  ElementCountTooLarge = 3108,

  // 4xxx: writing
  PlaceholderLeft = 4001,
  OpsetTooOld = 4002,
  NoWriterForOp = 4003,
  FormatNotWritable = 4004,
  FileTooLarge = 4005,

  // 5xxx: evaluation
  NotEvaluable = 5001,
  BudgetExceeded = 5002,
  InvalidInputValue = 5003,
  IndexOutOfRange = 5004,
  MissingModelInput = 5005,
  OpenDimension = 5006,

  // 6xxx: runtimes and workers
  MissingRuntime = 6001,
  MissingWorker = 6002,
  WorkerCrashed = 6101,
  WorkerExited = 6102,
  WorkerTimedOut = 6103,
  WorkerProtocol = 6104,
  WorkerRefused = 6105,
  WorkerOutOfMemory = 6106,

  // 7xxx: lab and store
  InvalidSample = 7001,
  NothingToMeasure = 7010,
  MissingDevice = 7011,
  StoreCorrupt = 7050,
  NotAStore = 7051,
  StoreTooNew = 7052,
  StoreLocked = 7053,
  StoreFull = 7054,
  StoreInaccessible = 7055,
  UnknownRun = 7056,
  RunInUse = 7057,
  UnknownDocument = 7100,

  // 9xxx: the program itself
  InternalError = 9001,
};

// One page of `ponte explain`.
struct CodePage {
  Code code;
  ErrorKind kind;
  std::string_view title;        // one line, no full stop
  std::string_view explanation;  // what it means, and what to do
};

// All pages, sorted by code; a test holds the list to the enumerators.
std::span<const CodePage> code_pages();
const CodePage& code_page(Code code);
std::optional<Code> parse_code(std::string_view text);  // "PT2103", "pt2103" or "2103"
std::string to_string(Code code);                       // "PT2103"

}  // namespace ponte
