/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-test-transport.h"

#include "ns3/fanout-random.h"
#include "ns3/inet-socket-address.h"
#include "ns3/packet.h"
#include "ns3/tcp-socket-factory.h"
#include "ns3/uinteger.h"

#include <vector>

using namespace ns3;
using namespace ns3::fanout::test;
using fanout::LinkId;

namespace
{

/// What is heard from one connection that a stranger made.
struct Stranger
{
    Ptr<Socket> socket;
    bool ended{false};

    void
    End(Ptr<Socket>)
    {
        ended = true;
    }
};

/// Somebody on host 2 who can write any bytes to the peer on host 1.
class StrangerCase : public TransportCase
{
  public:
    explicit StrangerCase(const std::string& name)
        : TransportCase(name, Carrier::TCP)
    {
    }

  protected:
    using Counters = FanoutTcpTransport::Counters;

    const Counters&
    At1() const
    {
        return Tcp(b).GetCounters();
    }

    /// Begin a connection and write to it.
    std::shared_ptr<Stranger>
    Throw(const fanout::Bytes& bytes)
    {
        auto stranger = std::make_shared<Stranger>();
        stranger->socket =
            Socket::CreateSocket(network().GetHosts().Get(2), TcpSocketFactory::GetTypeId());
        stranger->socket->SetCloseCallbacks(MakeCallback(&Stranger::End, stranger.get()),
                                            MakeCallback(&Stranger::End, stranger.get()));
        stranger->socket->Bind();
        stranger->socket->Connect(InetSocketAddress(network().GetAddress(1), PORT));
        if (!bytes.empty())
        {
            stranger->socket->Send(
                Create<Packet>(bytes.data(), static_cast<uint32_t>(bytes.size())));
        }
        m_strangers.push_back(stranger);
        return stranger;
    }

    /// A stranger's bytes end its connection soon, and are counted there.
    void
    CheckRefused(const std::string& what, const fanout::Bytes& bytes, const uint64_t& counter)
    {
        const auto before = counter;
        const auto stranger = Throw(bytes);
        Run(0.2);
        NS_TEST_ASSERT_MSG_EQ(counter, before + 1, what);
        NS_TEST_ASSERT_MSG_EQ(stranger->ended, true, what << ": the connection is closed");
        NS_TEST_ASSERT_MSG_EQ(Tcp(b).GetNConnections(), 0, what << ": nothing is left");
    }

    void
    Run(double seconds)
    {
        Simulator::Stop(Seconds(seconds));
        Simulator::Run();
    }

    /// A frame behind its length.
    static fanout::Bytes
    Framed(const fanout::Bytes& frame)
    {
        fanout::Bytes bytes(fanout::TcpStream::MAX_PREFIX_BYTES);
        bytes.resize(
            fanout::TcpStream::WritePrefix(static_cast<uint32_t>(frame.size()), bytes.data()));
        bytes.insert(bytes.end(), frame.begin(), frame.end());
        return bytes;
    }

    /// The hello of identity @p index that says it listens on @p host.
    fanout::Bytes
    Hello(uint64_t index, uint32_t host, uint16_t port = PORT) const
    {
        fanout::Endpoint listen;
        listen.ip = m_addresses[host];
        listen.port = port;
        listen.protocol = fanout::Endpoint::Protocol::TCP;
        const auto& scheme = fanout::SignatureScheme::Mock();
        return fanout::TcpHello::Write(scheme, scheme.Derive(1, index), listen);
    }

    void
    Check() final
    {
        for (uint32_t i = 0; i < 3; i++)
        {
            m_addresses[i] = network().GetAddress(i).Get();
        }
        CheckStrangers();
        for (const auto& stranger : m_strangers)
        {
            stranger->socket->SetCloseCallbacks(MakeNullCallback<void, Ptr<Socket>>(),
                                                MakeNullCallback<void, Ptr<Socket>>());
        }
        m_strangers.clear();
    }

  private:
    virtual void CheckStrangers() = 0;

    std::vector<std::shared_ptr<Stranger>> m_strangers;
    uint32_t m_addresses[3]{};
};

/// Lengths, hellos and frames that are wrong.
class WrongCase : public StrangerCase
{
  public:
    WrongCase()
        : StrangerCase("wrong lengths, hellos and frames")
    {
    }

  private:
    void
    CheckStrangers() override
    {
        CheckRefused("a length of 2^28 - 1", {0xff, 0xff, 0xff, 0x7f}, At1().tooLarge);
        CheckRefused("a length without end", {0xff, 0xff, 0xff, 0xff, 0xff}, At1().tooLarge);
        CheckRefused("a length of 0", {0, 1, 2}, At1().malformed);
        CheckRefused("a long form", {0x81, 0x00}, At1().malformed);
        CheckRefused("no hello", Framed(fanout::Bytes(106, 7)), At1().badHellos);
        fanout::Bytes hello = Hello(2, 2);
        hello.pop_back();
        CheckRefused("a short hello", Framed(hello), At1().badHellos);
        for (std::size_t i : {0, 1, 2, 34, 35, 40, 41, 42, 105})
        {
            hello = Hello(2, 2);
            hello[i] ^= 1;
            CheckRefused("a changed hello, " + std::to_string(i), Framed(hello), At1().badHellos);
        }
        CheckRefused("another host's hello", Framed(Hello(0, 0)), At1().badHellos);
        CheckRefused("its own key", Framed(Hello(1, 2)), At1().wrongKeys);
        NS_TEST_ASSERT_MSG_EQ(b.closed.size() + At1().ready, 0, "no link so far");
        fanout::Bytes bytes = Framed(Hello(2, 2));
        const auto junk = Framed(fanout::Bytes(40, 9));
        bytes.insert(bytes.end(), junk.begin(), junk.end());
        CheckRefused("a malformed frame", bytes, At1().malformed);
        NS_TEST_ASSERT_MSG_EQ(b.closed.size(), 1, "this one had a link");
        const LinkId link = OpenTo(c, b);
        const auto stranger = Throw(Framed(Hello(7, 2)));
        Run(0.2);
        NS_TEST_ASSERT_MSG_EQ(At1().wrongKeys, 2, "another key at a place that is known");
        NS_TEST_ASSERT_MSG_EQ(stranger->ended, true, "");
        NS_TEST_ASSERT_MSG_EQ(c.closed.size(), 0, "the one who lives there is not disturbed");
        c.Send(link, CONTROL, 1);
        Run(0.2);
        NS_TEST_ASSERT_MSG_EQ(b.received.size(), 1, "");
    }
};

/// Connections that keep silent, and too many of them.
class PatienceCase : public StrangerCase
{
  public:
    PatienceCase()
        : StrangerCase("silence and numbers are bounded")
    {
    }

  private:
    void
    Configure(FanoutTransport& transport) override
    {
        transport.SetAttribute("MaxStrangers", UintegerValue(2));
        transport.SetAttribute("MaxLinks", UintegerValue(1));
    }

    void
    CheckStrangers() override
    {
        for (int i = 0; i < 5; i++)
        {
            Throw({});
            Run(0.1);
        }
        NS_TEST_ASSERT_MSG_EQ(At1().tooMany, 3, "strangers");
        NS_TEST_ASSERT_MSG_EQ(Tcp(b).GetNConnections(), 2, "");
        Run(9.4);
        NS_TEST_ASSERT_MSG_EQ(Tcp(b).GetNConnections(), 2, "not yet");
        Run(0.4);
        NS_TEST_ASSERT_MSG_EQ(Tcp(b).GetNConnections(), 0, "no hello in 10 s");
        NS_TEST_ASSERT_MSG_EQ(At1().helloTimeouts, 2, "");

        fanout::Bytes bytes = Framed(Hello(2, 2));
        const auto data = MakeFrame(CONTROL, 1, 400)->Wire();
        const auto frame = Framed(fanout::Bytes(data.begin(), data.end()));
        bytes.insert(bytes.end(), frame.begin(), frame.end() - 1);
        const auto half = Throw(bytes);
        Run(1);
        NS_TEST_ASSERT_MSG_EQ(Tcp(b).GetNLinks(), 1, "");
        const auto more = Throw(Framed(Hello(3, 2, PORT + 1)));
        Run(1);
        NS_TEST_ASSERT_MSG_EQ(At1().tooMany, 4, "links");
        NS_TEST_ASSERT_MSG_EQ(more->ended, true, "");
        Run(29);
        NS_TEST_ASSERT_MSG_EQ(At1().stalled, 1, "half a frame for 30 s");
        NS_TEST_ASSERT_MSG_EQ(half->ended, true, "");
        NS_TEST_ASSERT_MSG_EQ(b.closed.size(), 1, "");
        NS_TEST_ASSERT_MSG_EQ(b.received.size(), 0, "");
        NS_TEST_ASSERT_MSG_EQ(Tcp(b).GetNConnections(), 0, "");
    }
};

/// Random changes of a good conversation leave nothing behind; the good one is taken.
class ChangedCase : public StrangerCase
{
  public:
    ChangedCase()
        : StrangerCase("changed bytes")
    {
    }

  private:
    void
    CheckStrangers() override
    {
        fanout::Bytes good = Framed(Hello(2, 2));
        const auto data = MakeFrame(CONTROL, 1, 100)->Wire();
        const auto frame = Framed(fanout::Bytes(data.begin(), data.end()));
        good.insert(good.end(), frame.begin(), frame.end());
        fanout::Random random(1, 2, 3);
        for (uint32_t i = 0; i < 400; i++)
        {
            fanout::Bytes bytes = good;
            // The hello in every second one is whole, so that what follows is read.
            const auto first = i % 2 == 0 ? 0 : 107;
            for (uint32_t j = 0; j < 3; j++)
            {
                bytes[first + random.Below(bytes.size() - first)] ^= 1 + random.Below(255);
            }
            bytes.resize(1 + random.Below(bytes.size()));
            Throw(bytes);
            Run(0.05);
        }
        Run(60);
        NS_TEST_ASSERT_MSG_EQ(At1().accepted, 400, "");
        NS_TEST_ASSERT_MSG_GT(At1().badHellos + At1().tooLarge, 80, "");
        NS_TEST_ASSERT_MSG_GT(At1().stalled + At1().malformed + At1().replaced, 50, "");
        const auto received = b.received.size();
        Run(100);
        NS_TEST_ASSERT_MSG_EQ(Tcp(b).GetNConnections(), 0, "");
        NS_TEST_ASSERT_MSG_EQ(Tcp(b).GetNLinks(), 0, "");
        Throw(good);
        Run(1);
        NS_TEST_ASSERT_MSG_EQ(b.received.size(), received + 1, "the good one");
    }
};

/// The suite.
class FanoutTcpStrangersTestSuite : public TestSuite
{
  public:
    FanoutTcpStrangersTestSuite()
        : TestSuite("fanout-tcp-strangers")
    {
        AddTestCase(new WrongCase);
        AddTestCase(new PatienceCase);
        AddTestCase(new ChangedCase);
    }
};

FanoutTcpStrangersTestSuite g_fanoutTcpStrangersTestSuite;

} // namespace
