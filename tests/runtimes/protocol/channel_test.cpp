// Frames as they should be, and every way in which they should not.
#include "runtimes/protocol/channel.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <thread>

#include "base/error.h"
#include "runtimes/protocol/memory_file.h"

namespace ponte::protocol {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;

HostTensor tensor(std::string name, ir::DType dtype, std::vector<std::int64_t> shape,
                  std::size_t bytes) {
  HostTensor result{.name = std::move(name), .dtype = dtype, .shape = std::move(shape)};
  for (std::size_t i = 0; i < bytes; ++i) result.bytes.push_back(static_cast<std::byte>(i * 7 + 1));
  return result;
}

Message recorded() {
  Message message{.header = {{"id", 7}, {"type", "set_inputs"}, {"set", 0}}};
  message.tensors.push_back(tensor("image", ir::DType::Float32, {2, 3}, 24));
  message.tensors.push_back(tensor("nibbles", ir::DType::Int4, {3}, 2));
  message.tensors.push_back(tensor("nothing", ir::DType::Float64, {0, 4}, 0));
  HostTensor words{.name = "words", .dtype = ir::DType::String, .shape = {2}};
  words.bytes = encode_strings(std::vector<std::string>{"", "bridge"});
  message.tensors.push_back(words);
  HostTensor absent{.name = "maybe", .part = Part::Absent};
  message.tensors.push_back(absent);
  return message;
}

struct Ends {
  Channel sender;
  Channel receiver;
};

Ends connected() {
  auto [a, b] = Channel::socket_pair();
  return {Channel(std::move(a)), Channel(std::move(b))};
}

// Bytes as they are, with a descriptor beside the first of them, and then the end of the
// connection.
void send_raw(int socket, std::string_view bytes, int descriptor) {
  if (!bytes.empty()) {
    iovec piece{.iov_base = const_cast<char*>(bytes.data()), .iov_len = bytes.size()};
    msghdr header{};
    header.msg_iov = &piece;
    header.msg_iovlen = 1;
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
    if (descriptor >= 0) {
      header.msg_control = control.data();
      header.msg_controllen = control.size();
      cmsghdr* rights = CMSG_FIRSTHDR(&header);
      rights->cmsg_level = SOL_SOCKET;
      rights->cmsg_type = SCM_RIGHTS;
      rights->cmsg_len = CMSG_LEN(sizeof descriptor);
      std::memcpy(CMSG_DATA(rights), &descriptor, sizeof descriptor);
    }
    ASSERT_EQ(::sendmsg(socket, &header, MSG_NOSIGNAL), static_cast<ssize_t>(bytes.size()));
  }
  ::shutdown(socket, SHUT_WR);
}

// The code that the receiver answers these bytes with; none when it took them for a message.
std::optional<Code> verdict(std::string_view bytes, int descriptor) {
  auto [own, other] = Channel::socket_pair();
  send_raw(own.get(), bytes, descriptor);
  Channel receiver(std::move(other));
  try {
    const Message message = receiver.receive(deadline_after(milliseconds(2000)));
    for (const HostTensor& received : message.tensors) check_tensor(received);
    return std::nullopt;
  } catch (const Error& error) {
    return error.code();
  }
}

TEST(ChannelTest, CarriesHeaderAndTensors) {
  Ends ends = connected();
  const Message sent = recorded();
  ends.sender.send(sent);
  const Message received = ends.receiver.receive(deadline_after(milliseconds(2000)));
  EXPECT_EQ(received.header, sent.header);
  ASSERT_EQ(received.tensors.size(), sent.tensors.size());
  for (std::size_t i = 0; i < sent.tensors.size(); ++i) {
    EXPECT_EQ(received.tensors[i].name, sent.tensors[i].name);
    EXPECT_EQ(received.tensors[i].dtype, sent.tensors[i].dtype);
    EXPECT_EQ(received.tensors[i].shape, sent.tensors[i].shape);
    EXPECT_EQ(received.tensors[i].bytes, sent.tensors[i].bytes);
    EXPECT_EQ(received.tensors[i].part, sent.tensors[i].part);
  }
}

TEST(ChannelTest, CarriesManyMessagesInOrderAndLeaksNoDescriptor) {
  Ends ends = connected();
  const int next_before = ::dup(0);
  ::close(next_before);
  for (int i = 0; i < 100; ++i) {
    Message message = recorded();
    message.header["id"] = i;
    ends.sender.send(message);
    EXPECT_EQ(ends.receiver.receive(deadline_after(milliseconds(2000))).header["id"], i);
  }
  const int next_after = ::dup(0);
  ::close(next_after);
  EXPECT_EQ(next_before, next_after);
}

TEST(ChannelTest, CarriesAHeaderLargerThanTheSocketBuffer) {
  Ends ends = connected();
  Message message{.header = {{"text", std::string(5'000'000, 'x')}}};
  std::thread sender([&] { ends.sender.send(message); });
  const Message received = ends.receiver.receive(deadline_after(std::chrono::seconds(20)));
  sender.join();
  EXPECT_EQ(received.header["text"].get<std::string>().size(), 5'000'000U);
}

TEST(ChannelTest, GivesUpAtItsDeadline) {
  Ends ends = connected();
  EXPECT_THROW(
      {
        try {
          ends.receiver.receive(deadline_after(milliseconds(20)));
        } catch (const Error& error) {
          EXPECT_EQ(error.code(), Code::WorkerTimedOut);
          throw;
        }
      },
      Error);
  Message large{.header = {{"text", std::string(5'000'000, 'x')}}};
  EXPECT_THROW(ends.sender.send(large, deadline_after(milliseconds(20))), Error);
}

TEST(ChannelTest, NamesAClosedConnection) {
  EXPECT_EQ(verdict("", -1), Code::WorkerExited);
  Ends ends = connected();
  ends.receiver.close();
  try {
    ends.sender.send(recorded());
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::WorkerExited);
  }
}

TEST(ChannelTest, EveryTruncationIsACodedError) {
  const Frame frame = encode(recorded());
  for (std::size_t size = 0; size < frame.bytes.size(); ++size) {
    const auto code =
        verdict(std::string_view(frame.bytes).substr(0, size), frame.memory_file.get());
    ASSERT_TRUE(code) << size;
    EXPECT_TRUE(*code == Code::WorkerExited || *code == Code::WorkerProtocol)
        << size << to_string(*code);
  }
}

TEST(ChannelTest, EveryBitFlipIsACodedErrorOrAValidMessage) {
  const Frame frame = encode(recorded());
  int refused = 0;
  for (std::size_t bit = 0; bit < frame.bytes.size() * 8; ++bit) {
    std::string bytes = frame.bytes;
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << (bit % 8)));
    const auto code = verdict(bytes, frame.memory_file.get());
    if (!code) continue;
    ++refused;
    EXPECT_TRUE(*code == Code::WorkerExited || *code == Code::WorkerProtocol)
        << bit << to_string(*code);
  }
  EXPECT_GT(refused, static_cast<int>(frame.bytes.size()));
}

TEST(ChannelTest, EveryBitFlipOfStringsIsACodedErrorOrAValidMessage) {
  const std::vector<std::string> words = {"a", "", "bridge"};
  const std::vector<std::byte> good = encode_strings(words);
  EXPECT_EQ(decode_strings(good, 3), words);
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    std::vector<std::byte> bytes = good;
    bytes[bit / 8] ^= static_cast<std::byte>(1 << (bit % 8));
    try {
      EXPECT_EQ(decode_strings(bytes, 3).size(), 3U);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Code::WorkerProtocol);
    }
  }
  EXPECT_THROW(decode_strings(good, 2), Error);
  EXPECT_THROW(decode_strings(good, 1'000'000'000'000), Error);
}

// One header each that a well-behaved peer would not send.
class HeaderTest : public testing::TestWithParam<const char*> {};

TEST_P(HeaderTest, IsRefused) {
  const std::vector<HostTensor> tensors = {tensor("x", ir::DType::Float32, {16}, 64)};
  const Descriptor file = write_memory_file(tensors, tensor_offsets(tensors));
  EXPECT_THROW(decode(GetParam(), file, {}), Error);
}

INSTANTIATE_TEST_SUITE_P(
    Bad, HeaderTest,
    testing::Values(
        "", "[]", "7", "{", "{\"a\":1}",  // a memory file without tensors
        R"({"tensors":{}})", R"({"tensors":[7]})", R"({"tensors":[{}]})",
        R"({"tensors":[{"name":"x","dtype":1,"shape":[17],"offset":0,"bytes":68}]})",  // past the
                                                                                       // end
        R"({"tensors":[{"name":"x","dtype":1,"shape":[16],"offset":0,"bytes":60}]})",  // not what
                                                                                       // shape says
        R"({"tensors":[{"name":"x","dtype":1,"shape":[1],"offset":18446744073709551612,"bytes":4}]})",
        R"({"tensors":[{"name":"x","dtype":1,"shape":[1],"offset":-4,"bytes":4}]})",
        R"({"tensors":[{"name":"x","dtype":99,"shape":[1],"offset":0,"bytes":4}]})",
        R"({"tensors":[{"name":"x","dtype":0,"shape":[1],"offset":0,"bytes":4}]})",
        R"({"tensors":[{"name":"x","dtype":1,"shape":[-1],"offset":0,"bytes":4}]})",
        R"({"tensors":[{"name":"x","dtype":1,"shape":[4294967296,4294967296],"offset":0,"bytes":0}]})",
        R"({"tensors":[{"name":"x","dtype":1,"shape":"1","offset":0,"bytes":4}]})",
        R"({"tensors":[{"name":"x","dtype":1,"shape":[1.5],"offset":0,"bytes":4}]})",
        R"({"tensors":[{"name":"x","dtype":8,"shape":[1],"offset":0,"bytes":64}]})",  // no strings
        R"({"tensors":[{"name":"x","dtype":1,"shape":[1],"offset":0,"bytes":4,"part":"half"}]})",
        R"({"tensors":[{"name":"x","dtype":1,"shape":[8],"offset":0,"bytes":32},{"name":"y","dtype":1,"shape":[8],"offset":16,"bytes":32}]})"));

TEST(MemoryFileTest, IsSealedAndAligned) {
  const std::vector<HostTensor> tensors = recorded().tensors;
  const auto offsets = tensor_offsets(tensors);
  for (const std::uint64_t offset : offsets) EXPECT_EQ(offset % tensor_alignment, 0U);
  const Descriptor file = write_memory_file(tensors, offsets);
  EXPECT_EQ(::ftruncate(file.get(), 0), -1);
  EXPECT_EQ(::pwrite(file.get(), "x", 1, 0), -1);
  EXPECT_GE(checked_size(file), 24U);
}

TEST(MemoryFileTest, RefusesWhatIsNotSealedOrHasHoles) {
  const Descriptor unsealed(::memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  ASSERT_EQ(::ftruncate(unsealed.get(), 1 << 20), 0);
  EXPECT_THROW(checked_size(unsealed), Error);
  ASSERT_EQ(::fcntl(unsealed.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE), 0);
  EXPECT_THROW(checked_size(unsealed), Error);  // sealed now, and a hole
  const Descriptor no_memory_file(::open("/dev/zero", O_RDONLY | O_CLOEXEC));
  EXPECT_THROW(checked_size(no_memory_file), Error);
}

TEST(ChannelTest, RefusesTensorsBeyondTheLimit) {
  auto [a, b] = Channel::socket_pair();
  Channel sender(std::move(a));
  Channel receiver(std::move(b), {.tensor_bytes = 100});
  sender.send({.header = Json::object(), .tensors = {tensor("x", ir::DType::Uint8, {101}, 101)}});
  EXPECT_THROW(receiver.receive(deadline_after(milliseconds(2000))), Error);
}

TEST(ChannelTest, RefusesADescriptorThatWasNotAnnounced) {
  std::string bytes = encode({.header = {{"id", 1}}}).bytes;
  EXPECT_EQ(verdict(bytes, -1), std::nullopt);
  EXPECT_EQ(verdict(bytes, 0), Code::WorkerProtocol);
}

}  // namespace
}  // namespace ponte::protocol
