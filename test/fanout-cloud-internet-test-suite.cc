/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-test-transport.h"

#include "ns3/ethernet-header.h"
#include "ns3/fanout-cloud-helper.h"
#include "ns3/inet-socket-address.h"
#include "ns3/ipv4-header.h"
#include "ns3/pcap-file.h"
#include "ns3/tcp-socket-factory.h"
#include "ns3/udp-header.h"
#include "ns3/udp-socket-factory.h"

#include <algorithm>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

using namespace ns3;
using namespace ns3::fanout::test;

namespace
{

/// Hosts of a helper's cloud with IPv4, 10 ms apart on links of 8 Mbit/s.
class InternetCase : public TestCase
{
  public:
    using TestCase::TestCase;

  protected:
    /// Make it. @param hosts how many @param stack of each
    void
    MakeNetwork(uint32_t hosts, FanoutStackHelper::Kind stack)
    {
        const auto latency = CreateObject<FanoutConstantLatency>();
        latency->SetAttribute("Delay", TimeValue(MilliSeconds(10)));
        network = std::make_unique<FanoutCloudHelper>();
        network->SetLatencyModel(latency);
        network->SetAccess("uniform");
        network->SetUniformRate(DataRate("8Mbps"));
        network->SetInternet(true);
        network->SetStack(stack);
        network->Create(hosts);
    }

    /// @param host which @param factory of sockets @return a socket at port 4001
    Ptr<Socket>
    Open(uint32_t host, TypeId factory)
    {
        const auto socket = Socket::CreateSocket(network->GetHosts().Get(host), factory);
        socket->Bind(InetSocketAddress(Ipv4Address::GetAny(), PORT));
        return socket;
    }

    /// @param host which @return where it listens
    InetSocketAddress
    AddressOf(uint32_t host)
    {
        return {network->GetAddress(host), PORT};
    }

    /// @param host which @return its device
    Ptr<FanoutCloudNetDevice>
    DeviceOf(uint32_t host)
    {
        return DynamicCast<FanoutCloudNetDevice>(network->GetHosts().Get(host)->GetDevice(0));
    }

    /// An echo: host 0 sends, host 1 answers; both sides note when. @param bytes of the datagram
    void
    Echo(uint32_t bytes)
    {
        m_client = Open(0, UdpSocketFactory::GetTypeId());
        m_server = Open(1, UdpSocketFactory::GetTypeId());
        m_server->SetRecvCallback(MakeCallback(&InternetCase::Answer, this));
        m_client->SetRecvCallback(MakeCallback(&InternetCase::Note, this));
        At(1.0, [this, bytes]() { m_client->SendTo(Create<Packet>(bytes), 0, AddressOf(1)); });
        Simulator::Run();
        m_server->Close();
        m_client->Close();
    }

    std::unique_ptr<FanoutCloudHelper> network; ///< the network
    std::vector<int64_t> answers;               ///< when they came, nanoseconds

  private:
    void
    Answer(Ptr<Socket> socket)
    {
        Address from;
        const auto packet = socket->RecvFrom(from);
        NS_TEST_EXPECT_MSG_EQ(((from == Address(AddressOf(0)))), true, "who sent it");
        socket->SendTo(packet, 0, from);
    }

    void
    Note(Ptr<Socket> socket)
    {
        while (socket->Recv())
        {
            answers.push_back(Simulator::Now().GetNanoSeconds());
        }
    }

    Ptr<Socket> m_client;
    Ptr<Socket> m_server;
};

/// UDP over IPv4 without ARP: right round trip, fragments, and nobody there.
class UdpCase : public InternetCase
{
  public:
    UdpCase()
        : InternetCase("UDP")
    {
    }

  private:
    void
    CheckEcho(FanoutStackHelper::Kind kind, uint32_t bytes, int64_t oneWay)
    {
        MakeNetwork(3, kind);
        answers.clear();
        Echo(bytes);
        NS_TEST_ASSERT_MSG_EQ(answers.size(), 1, "the answer");
        NS_TEST_ASSERT_MSG_EQ(answers[0] - 1000000000, 2 * oneWay, "the round trip");
        const auto stranger = Open(2, UdpSocketFactory::GetTypeId());
        const InetSocketAddress nowhere(Ipv4Address("10.0.0.77"), PORT);
        stranger->SendTo(Create<Packet>(10), 0, nowhere);
        Simulator::Run();
        NS_TEST_ASSERT_MSG_EQ(network->GetCloud()->GetPending(), 0, "nobody is there");
        stranger->Close();
        Simulator::Destroy();
    }

    void
    DoRun() override
    {
        // 972 + 28 bytes: 1 ms up, 10 ms, 1 ms down.
        CheckEcho(FanoutStackHelper::LEAN, 972, 12000000);
        CheckEcho(FanoutStackHelper::FULL, 972, 12000000);
        // 3000 + 8 bytes: fragments of 1480, 1480 and 48, with 20 bytes each: 3068 bytes up, and
        // the last one, of 68 bytes, down when the second has passed: 1500 + 10 ms + 3068 us.
        CheckEcho(FanoutStackHelper::LEAN, 3000, 14600000);
    }
};

/// TCP fills a link and loses nothing.
class TcpCase : public InternetCase
{
  public:
    TcpCase()
        : InternetCase("TCP")
    {
    }

  private:
    static constexpr uint32_t BYTES = 4000000;

    void
    Fill(Ptr<Socket> socket, uint32_t)
    {
        while (m_sent < BYTES && socket->GetTxAvailable() > 0)
        {
            const uint32_t most = std::min(BYTES - m_sent, socket->GetTxAvailable());
            const int sent = socket->Send(Create<Packet>(most));
            if (sent <= 0)
            {
                return;
            }
            m_sent += sent;
        }
        if (m_sent == BYTES)
        {
            socket->Close();
        }
    }

    void
    Accept(Ptr<Socket> socket, const Address&)
    {
        socket->SetRecvCallback(MakeCallback(&TcpCase::Read, this));
    }

    void
    Read(Ptr<Socket> socket)
    {
        while (const auto packet = socket->Recv())
        {
            m_received += packet->GetSize();
            m_last = Simulator::Now();
        }
    }

    void
    DoRun() override
    {
        MakeNetwork(2, FanoutStackHelper::FULL);
        const auto listener = Open(1, TcpSocketFactory::GetTypeId());
        listener->Listen();
        listener->SetAcceptCallback(MakeNullCallback<bool, Ptr<Socket>, const Address&>(),
                                    MakeCallback(&TcpCase::Accept, this));
        const auto client = Open(0, TcpSocketFactory::GetTypeId());
        client->SetSendCallback(MakeCallback(&TcpCase::Fill, this));
        client->Connect(AddressOf(1));
        Simulator::Run();
        NS_TEST_ASSERT_MSG_EQ(m_received, BYTES, "all came");
        // Segments of 536 bytes with 52 to 60 of headers on 8 Mbit/s.
        const double least = BYTES * 8.0 / 8e6 * 588 / 536;
        NS_TEST_ASSERT_MSG_GT(m_last.GetSeconds(), least, "not faster than the link");
        NS_TEST_ASSERT_MSG_LT(m_last.GetSeconds(), 1.3 * least, "it fills the link");
        Simulator::Destroy();
    }

    uint32_t m_sent{0};
    uint32_t m_received{0};
    Time m_last;
};

/// A pcap file of an echo holds what each side saw.
class PcapCase : public InternetCase
{
  public:
    PcapCase()
        : InternetCase("pcap")
    {
    }

  private:
    /// @param name of a file @return "from>to:port bytes at us" of each packet
    std::vector<std::string>
    Load(const std::string& name)
    {
        PcapFile file;
        file.Open(name, std::ios::in);
        NS_TEST_EXPECT_MSG_EQ(file.Fail(), false, name);
        NS_TEST_EXPECT_MSG_EQ(file.GetDataLinkType(), 1, "Ethernet");
        std::vector<std::string> lines;
        uint8_t bytes[2000];
        uint32_t seconds;
        uint32_t micros;
        uint32_t kept;
        uint32_t size;
        uint32_t read;
        while (true)
        {
            file.Read(bytes, sizeof bytes, seconds, micros, kept, size, read);
            if (file.Fail())
            {
                return lines;
            }
            const auto packet = Create<Packet>(bytes, read);
            EthernetHeader ethernet(false);
            Ipv4Header ip;
            UdpHeader udp;
            packet->RemoveHeader(ethernet);
            packet->RemoveHeader(ip);
            packet->RemoveHeader(udp);
            std::ostringstream line;
            line << ethernet.GetSource() << '>' << ethernet.GetDestination() << ' ' << std::hex
                 << ethernet.GetLengthType() << std::dec << ' ' << ip.GetSource() << '>'
                 << ip.GetDestination() << ':' << udp.GetDestinationPort() << ' '
                 << packet->GetSize() << ' ' << size << ' ' << (seconds - 1) * 1000000 + micros;
            lines.push_back(line.str());
        }
    }

    void
    DoRun() override
    {
        MakeNetwork(3, FanoutStackHelper::LEAN);
        const std::string all = CreateTempDirFilename("all");
        const std::string one = CreateTempDirFilename("one.pcap");
        network->EnablePcapAll(all);
        network->EnablePcap(one, DeviceOf(1), true, true);
        Echo(100);
        network.reset();
        Simulator::Destroy();
        const std::string there =
            "02:00:00:00:00:00>02:00:00:00:00:01 800 10.0.0.1>10.0.0.2:4001 100 142 ";
        const std::string back =
            "02:00:00:00:00:01>02:00:00:00:00:00 800 10.0.0.2>10.0.0.1:4001 100 142 ";
        const std::vector<std::string> client{there + "0", back + "20600"};
        const std::vector<std::string> server{there + "10300", back + "10300"};
        NS_TEST_ASSERT_MSG_EQ((Load(all + "-0-0.pcap") == client), true, "host 0");
        NS_TEST_ASSERT_MSG_EQ((Load(all + "-1-0.pcap") == server), true, "host 1");
        NS_TEST_ASSERT_MSG_EQ((Load(one) == server), true, "host 1, by name");
        NS_TEST_ASSERT_MSG_EQ(Load(all + "-2-0.pcap").size(),
                              0,
                              "host 2 has nothing to do with it");
    }
};

/// The suite.
class FanoutCloudInternetTestSuite : public TestSuite
{
  public:
    FanoutCloudInternetTestSuite()
        : TestSuite("fanout-cloud-internet")
    {
        AddTestCase(new UdpCase);
        AddTestCase(new TcpCase);
        AddTestCase(new PcapCase);
    }
};

FanoutCloudInternetTestSuite g_fanoutCloudInternetTestSuite;

} // namespace
