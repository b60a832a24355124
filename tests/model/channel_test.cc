// Channels: pipes, sockets, queues and polls.
#include <cerrno>

#include "tests/model/scenario.h"

namespace csim {
namespace {

ObjectId Channel(Scenario& s, ObjectKind kind, uint32_t limit) {
  const ObjectId id = s.Object(kind);
  s.m.object(id).limit = limit;
  s.m.ChangeEnds(kMainTask, id, 1, 1);
  return id;
}

Operation Read(ObjectId channel, uint64_t wanted) {
  return {.kind = OpKind::kChannelRead, .object = channel, .argument = wanted};
}
Operation Write(ObjectId channel, uint64_t wanted) {
  return {.kind = OpKind::kChannelWrite, .object = channel, .argument = wanted};
}
Operation CloseReading(ObjectId channel) {
  return {.kind = OpKind::kChannelClose, .object = channel};
}
Operation CloseWriting(ObjectId channel) {
  return {.kind = OpKind::kChannelClose, .object2 = channel};
}

TEST(Channel, ReadWaitsForUnitsAndTakesWhatIsThere) {
  Scenario s;
  const TaskId t = s.Spawn();
  const ObjectId pipe = Channel(s, ObjectKind::kPipe, 10);
  const std::string o = std::to_string(Index(pipe));
  EXPECT_EQ(s.At(t, Read(pipe, 4)), kNothing);
  EXPECT_EQ(s.Do(kMainTask, Write(pipe, 3)).value, 3);
  EXPECT_EQ(s.sync.Take(), "rel 0 " + o);
  EXPECT_EQ(s.Go(t).value, 3);
  EXPECT_EQ(s.sync.Take(), "acq 1 " + o);
  EXPECT_EQ(s.At(t, Read(pipe, 4)), kNothing);
}

TEST(Channel, EndOfFileOnlyAfterTheLastWriter) {
  Scenario s;
  const TaskId t = s.Spawn();
  const ObjectId pipe = Channel(s, ObjectKind::kPipe, 10);
  s.m.ChangeEnds(kMainTask, pipe, 0, 1);
  s.At(t, Read(pipe, 1));
  s.Do(kMainTask, CloseWriting(pipe));
  EXPECT_EQ(s.Can(t), kNothing);
  s.Do(kMainTask, CloseWriting(pipe));
  s.sync.Take();
  EXPECT_EQ(s.Go(t).value, 0);
  EXPECT_EQ(s.sync.Take(), "acq 1 " + std::to_string(Index(pipe)));
}

TEST(Channel, AFewBytesAreWrittenTogetherManyInPieces) {
  Scenario s;
  const ObjectId pipe = Channel(s, ObjectKind::kPipe, 8192);
  EXPECT_EQ(s.Do(kMainTask, Write(pipe, 5000)).value, 5000);
  EXPECT_EQ(s.At(kMainTask, Write(pipe, 4000)), kNothing);  // 3192 are free
  s.m.object(pipe).count = 4096;
  EXPECT_EQ(s.Go(kMainTask).value, 4000);
  s.m.object(pipe).count = 4000;
  EXPECT_EQ(s.Do(kMainTask, Write(pipe, 9000)).value, 4192);
}

TEST(Channel, ASocketTakesASingleByteAQueueAWholeMessage) {
  Scenario s;
  const ObjectId socket = Channel(s, ObjectKind::kSocket, 2);
  EXPECT_EQ(s.Do(kMainTask, Write(socket, 5)).value, 2);
  EXPECT_EQ(s.At(kMainTask, Write(socket, 5)), kNothing);
  s.m.object(socket).count = 1;
  EXPECT_EQ(s.Go(kMainTask).value, 1);
  const ObjectId queue = Channel(s, ObjectKind::kQueue, 1);
  EXPECT_EQ(s.Do(kMainTask, Write(queue, 1)).value, 1);
  EXPECT_EQ(s.At(kMainTask, Write(queue, 1)), kNothing);
}

TEST(Channel, NobodyReadsIsABrokenPipe) {
  Scenario s;
  const TaskId t = s.Spawn();
  const ObjectId pipe = Channel(s, ObjectKind::kPipe, 1);
  s.Do(kMainTask, Write(pipe, 1));
  EXPECT_EQ(s.At(t, Write(pipe, 1)), kNothing);
  s.Do(kMainTask, CloseReading(pipe));
  EXPECT_EQ(s.Go(t).error, EPIPE);
}

TEST(Channel, TryingNeverWaits) {
  Scenario s;
  const ObjectId pipe = Channel(s, ObjectKind::kPipe, 1);
  const Operation read{.kind = OpKind::kChannelTryRead, .object = pipe, .argument = 1};
  const Operation write{.kind = OpKind::kChannelTryWrite, .object = pipe, .argument = 1};
  EXPECT_EQ(s.Do(kMainTask, read).error, EAGAIN);
  EXPECT_EQ(s.Do(kMainTask, write).value, 1);
  EXPECT_EQ(s.Do(kMainTask, write).error, EAGAIN);
  EXPECT_EQ(s.Do(kMainTask, read).value, 1);
}

TEST(Channel, ATimedReadTimesOutOnlyWhileThereIsNothing) {
  Scenario s;
  const ObjectId pipe = Channel(s, ObjectKind::kPipe, 1);
  Operation read = Read(pipe, 1);
  read.deadline = 5;
  EXPECT_EQ(s.At(kMainTask, read), kOnlyTimeout);
  EXPECT_EQ(s.Go(kMainTask, kTimeout).error, ETIMEDOUT);
  s.Do(kMainTask, Write(pipe, 1));
  EXPECT_EQ(s.At(kMainTask, read), kOnlyNormal);
}

TEST(Channel, APollWaitsForAnyOfItsChannels) {
  Scenario s;
  const TaskId t = s.Spawn();
  const ObjectId a = Channel(s, ObjectKind::kPipe, 1);
  const ObjectId b = Channel(s, ObjectKind::kPipe, 1);
  const Interest interests[] = {{a, true, false}, {b, true, false}};
  const Operation poll = s.m.PollOf(interests, true);
  EXPECT_EQ(poll.kind, OpKind::kPoll);
  EXPECT_EQ(s.At(t, poll), kNothing);
  s.Do(kMainTask, Write(b, 1));
  EXPECT_EQ(s.Go(t).value, 1);
  s.Do(kMainTask, CloseWriting(a));  // end of file can be read as well
  EXPECT_EQ(s.Do(t, poll).value, 2);
}

TEST(Channel, APollThatOnlyLooksIsAlwaysEnabled) {
  Scenario s;
  const ObjectId a = Channel(s, ObjectKind::kPipe, 1);
  const Interest interests[] = {{a, true, false}};
  EXPECT_EQ(s.At(kMainTask, s.m.PollOf(interests, false)), kOnlyNormal);
  EXPECT_EQ(s.Go(kMainTask).value, 0);
}

TEST(Channel, OnlyWhatTouchesTheSamePartsIsDependent) {
  const auto with_parts = [](Operation operation) {
    SetChannelParts(operation);
    return operation;
  };
  constexpr ObjectId kP{1};
  const Operation read = with_parts(Read(kP, 1));
  const Operation write = with_parts(Write(kP, 1));
  const Operation close_reading = with_parts(CloseReading(kP));
  const Operation close_writing = with_parts(CloseWriting(kP));
  EXPECT_TRUE(Dependent(read, write));
  EXPECT_TRUE(Dependent(read, read));
  EXPECT_TRUE(Dependent(read, close_writing));
  EXPECT_FALSE(Dependent(read, close_reading));
  EXPECT_TRUE(Dependent(write, close_reading));
  EXPECT_FALSE(Dependent(write, close_writing));
  EXPECT_FALSE(Dependent(close_writing, close_writing));
}

// A poll of three channels: to read, to write, until it ends; what each of these depends on, and nothing else.
TEST(Channel, APollOfManyDependsOnWhatItsAnswerDoes) {
  Scenario s;
  const ObjectId reads = Channel(s, ObjectKind::kPipe, 1);
  const ObjectId writes = Channel(s, ObjectKind::kPipe, 1);
  const ObjectId ends = Channel(s, ObjectKind::kSocket, 1);
  const ObjectId back = Channel(s, ObjectKind::kSocket, 1);
  const ObjectId other = Channel(s, ObjectKind::kPipe, 1);
  const Interest interests[] = {{.object = reads, .reads = true},
                                {.object = writes, .writes = true},
                                {.object = ends, .ends = true, .other = back}};
  const ObjectUse shown[] = {{other, Footprint::kRead, 1 << kReadingEnds}};
  const Operation poll = s.m.PollOf(interests, true, false, shown);
  EXPECT_EQ(poll.kind, OpKind::kPollMany);
  struct Row {
    ObjectId channel;
    bool read, write, close_reading, close_writing;
  };
  for (const Row& row : {Row{reads, true, true, false, true}, Row{writes, true, true, true, false},
                         Row{ends, false, false, false, true}, Row{back, false, false, true, false},
                         Row{other, false, false, true, false}}) {
    const auto depends = [&](Operation operation) {
      SetChannelParts(operation);
      EXPECT_EQ(Dependent(poll, operation), Dependent(operation, poll));
      return Dependent(poll, operation);
    };
    EXPECT_EQ(depends(Read(row.channel, 1)), row.read) << Index(row.channel);
    EXPECT_EQ(depends(Write(row.channel, 1)), row.write) << Index(row.channel);
    EXPECT_EQ(depends(CloseReading(row.channel)), row.close_reading) << Index(row.channel);
    EXPECT_EQ(depends(CloseWriting(row.channel)), row.close_writing) << Index(row.channel);
  }
  EXPECT_FALSE(Dependent(poll, poll));
}

TEST(Channel, APollForTheEndOfBothWays) {
  Scenario s;
  const TaskId t = s.Spawn();
  const ObjectId in = Channel(s, ObjectKind::kSocket, 1);
  const ObjectId out = Channel(s, ObjectKind::kSocket, 1);
  const Interest interests[] = {{.object = in, .ends = true, .other = out}};
  EXPECT_EQ(s.At(t, s.m.PollOf(interests, true)), kNothing);
  s.Do(kMainTask, CloseWriting(in));
  EXPECT_EQ(s.Can(t), kNothing);
  s.Do(kMainTask, CloseReading(out));
  EXPECT_EQ(s.Go(t).value, 1);
}

}  // namespace
}  // namespace csim
