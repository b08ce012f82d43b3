/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-tree-application.h"

#include "ns3/fanout-identity.h"
#include "ns3/log.h"
#include "ns3/pointer.h"
#include "ns3/string.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("FanoutTreeApplication");

NS_OBJECT_ENSURE_REGISTERED(FanoutTreeApplication);

TypeId
FanoutTreeApplication::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::FanoutTreeApplication")
            .SetParent<FanoutApplication>()
            .SetGroupName("FanoutTree")
            .AddConstructor<FanoutTreeApplication>()
            .AddAttribute("Options",
                          "A FanoutTreeOptions, shared by all peers of a role; null: those of "
                          "FanoutTreeOptions::ForRole.",
                          PointerValue(),
                          MakePointerAccessor(&FanoutTreeApplication::SetOptions,
                                              &FanoutTreeApplication::GetOptions),
                          MakePointerChecker<FanoutTreeOptions>())
            .AddAttribute("Channel",
                          "A FanoutTreeChannel, shared by all its peers: root and topic.",
                          PointerValue(),
                          MakePointerAccessor(&FanoutTreeApplication::SetChannel,
                                              &FanoutTreeApplication::GetChannel),
                          MakePointerChecker<FanoutTreeChannel>())
            .AddAttribute("Trackers",
                          "Where to ask for parents, separated by commas, for example "
                          "/ip4/10.1.2.3/udp/4001. Empty: the channel's RootAddress is asked.",
                          StringValue(""),
                          MakeStringAccessor(&FanoutTreeApplication::SetTrackerText,
                                             &FanoutTreeApplication::GetTrackerText),
                          MakeStringChecker());
    return tid;
}

FanoutTreeApplication::FanoutTreeApplication() = default;

FanoutTreeApplication::FanoutTreeApplication(const FanoutTreeApplication& other)
    : FanoutApplication(other),
      m_options(other.m_options),
      m_channel(other.m_channel),
      m_trackers(other.m_trackers)
{
}

FanoutTreeApplication::~FanoutTreeApplication() = default;

void
FanoutTreeApplication::DoDispose()
{
    m_peer = nullptr;
    m_peerRoom.reset();
    m_options = nullptr;
    m_channel = nullptr;
    FanoutApplication::DoDispose();
}

void
FanoutTreeApplication::SetOptions(Ptr<FanoutTreeOptions> options)
{
    if (m_peer)
    {
        throw std::logic_error("FanoutTreeApplication: the options cannot change while the peer "
                               "runs");
    }
    m_options = options;
}

Ptr<FanoutTreeOptions>
FanoutTreeApplication::GetOptions() const
{
    return m_options;
}

void
FanoutTreeApplication::SetChannel(Ptr<FanoutTreeChannel> channel)
{
    if (m_peer)
    {
        throw std::logic_error("FanoutTreeApplication: the channel cannot change while the peer "
                               "runs");
    }
    m_channel = channel;
}

Ptr<FanoutTreeChannel>
FanoutTreeApplication::GetChannel() const
{
    return m_channel;
}

void
FanoutTreeApplication::SetTrackers(Trackers trackers)
{
    m_trackers = std::move(trackers);
}

FanoutTreeApplication::Trackers
FanoutTreeApplication::GetTrackers() const
{
    return m_trackers;
}

void
FanoutTreeApplication::SetTrackerText(std::string text)
{
    std::vector<fanout::Endpoint> trackers;
    for (std::size_t begin = 0; begin < text.size();)
    {
        const auto end = std::min(text.find(',', begin), text.size());
        const auto part = text.substr(begin, end - begin);
        const auto endpoint = fanout::Endpoint::FromText(part);
        if (!endpoint)
        {
            throw std::invalid_argument("FanoutTreeApplication: tracker '" + part +
                                        "' is no address; allowed are /ip4/A.B.C.D/udp/PORT and "
                                        "/ip4/A.B.C.D/tcp/PORT, separated by commas");
        }
        trackers.push_back(*endpoint);
        begin = end + 1;
    }
    m_trackers = trackers.empty()
                     ? nullptr
                     : std::make_shared<const std::vector<fanout::Endpoint>>(std::move(trackers));
}

std::string
FanoutTreeApplication::GetTrackerText() const
{
    std::string text;
    for (std::size_t i = 0; m_trackers && i < m_trackers->size(); i++)
    {
        text += (i == 0 ? "" : ",") + (*m_trackers)[i].ToText();
    }
    return text;
}

// ---- what anybody may ask ----

fanout::ChannelStatus
FanoutTreeApplication::GetStatus() const
{
    return m_peer && m_handle != NO_CHANNEL ? m_peer->Status(m_handle) : fanout::ChannelStatus();
}

fanout::PeerCounters
FanoutTreeApplication::GetCounters() const
{
    return m_peer ? m_peer->Counters() : fanout::PeerCounters();
}

fanout::PeerId
FanoutTreeApplication::GetId() const
{
    return m_peer ? m_peer->Id()
                  : GetRun()->GetCommons().signatures->Derive(GetRun()->GetSeed(), GetIndex()).id;
}

std::vector<fanout::PeerId>
FanoutTreeApplication::GetChildren() const
{
    return m_peer && m_handle != NO_CHANNEL ? m_peer->Children(m_handle)
                                            : std::vector<fanout::PeerId>();
}

std::size_t
FanoutTreeApplication::GetPeerBytes() const
{
    return m_peer ? m_peer->MemoryBytes() : 0;
}

// ---- inputs ----

void
FanoutTreeApplication::DoStart()
{
    if (!m_channel)
    {
        throw std::invalid_argument("FanoutTreeApplication: Channel is not set; set it to a "
                                    "FanoutTreeChannel, or install with FanoutTreeHelper");
    }
    const auto run = GetRun();
    fanout::PeerConfig config;
    config.index = GetIndex();
    config.identity = run->GetCommons().signatures->Derive(run->GetSeed(), config.index);
    config.randomKey = GetProcessKey();
    config.tracker = GetRole() == FanoutRole::TRACKER;
    if (m_trackers)
    {
        config.trackers = m_trackers;
    }
    if ((GetRole() == FanoutRole::ROOT) != (config.identity.id == m_channel->GetRoot()))
    {
        throw std::invalid_argument("FanoutTreeApplication: peer " + std::to_string(config.index) +
                                    " has the role " + FanoutRoleName(GetRole()) +
                                    ", but the channel's root is " + m_channel->GetRoot().ToText() +
                                    "; exactly the peer with RootIndex has the role root");
    }
    if (!m_options)
    {
        m_options = FanoutTreeOptions::ForRole(GetRole());
    }
    config.slotLease = m_options->Get()->slotLease;
    m_peer = &m_peerRoom.emplace(config, GetEnvironment(), run->GetCommons());
}

void
FanoutTreeApplication::DoStop()
{
    m_peer = nullptr;
    m_peerRoom.reset();
    m_handle = NO_CHANNEL;
    GetRun()->NoteStanding(GetIndex());
}

void
FanoutTreeApplication::DoJoin()
{
    fanout::ChannelConfig config;
    config.root = m_channel->GetRoot();
    config.topic = m_channel->GetTopic();
    config.rootEndpoint = m_channel->GetRootEndpoint();
    config.options = m_options->Get();
    m_handle = m_peer->Join(config);
    if (GetRole() == FanoutRole::ROOT)
    {
        GetRun()->NoteStanding(GetIndex());
    }
}

void
FanoutTreeApplication::DoLeave()
{
    if (m_handle != NO_CHANNEL)
    {
        m_peer->Leave(m_handle);
        m_handle = NO_CHANNEL;
        GetRun()->NoteStanding(GetIndex());
    }
}

uint32_t
FanoutTreeApplication::DoPublish(fanout::ByteView payload)
{
    if (m_handle == NO_CHANNEL)
    {
        throw std::logic_error("FanoutTreeApplication: Publish() before Join() or after Leave()");
    }
    return m_peer->Publish(m_handle, payload);
}

void
FanoutTreeApplication::DoPublishEnd()
{
    if (m_handle == NO_CHANNEL)
    {
        throw std::logic_error(
            "FanoutTreeApplication: PublishEnd() before Join() or after Leave()");
    }
    m_peer->End(m_handle);
}

void
FanoutTreeApplication::DoReceive(fanout::LinkId link, const fanout::FrameRef& frame)
{
    m_peer->Receive(link, frame);
}

void
FanoutTreeApplication::DoOpened(fanout::LinkId link)
{
    m_peer->Opened(link);
}

void
FanoutTreeApplication::DoClosed(fanout::LinkId link)
{
    m_peer->Closed(link);
}

void
FanoutTreeApplication::DoWritable(fanout::LinkId link)
{
    m_peer->Writable(link);
}

void
FanoutTreeApplication::DoTick()
{
    m_peer->Tick();
}

void
FanoutTreeApplication::DoGetHot(fanout::HotMemory& hot) const
{
    if (m_peer)
    {
        const fanout::Channel* channel = m_peer->GetChannel(0);
        hot.pieces[1] = m_peer->Hot();
        hot.pieces[3] = m_peer->HotServing();
        hot.deep = channel && channel->GetAdmission();
    }
}

void
FanoutTreeApplication::Prefetch(uint32_t depth, fanout::LinkId link) const
{
    if (m_peer)
    {
        m_peer->Prefetch(depth, link);
    }
}

} // namespace ns3
