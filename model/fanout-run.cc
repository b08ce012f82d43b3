/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-run.h"

#include "fanout-application.h"

#include "ns3/double.h"
#include "ns3/fanout-draw-key.h"
#include "ns3/log.h"
#include "ns3/rng-seed-manager.h"
#include "ns3/simulator.h"

#include <deque>
#include <stdexcept>
#include <utility>

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("FanoutRun");

Ptr<FanoutRun> FanoutRun::g_run;

/// Events on their way to observers.
struct FanoutRun::Queue
{
    /// Events of one input.
    struct Batch
    {
        Ptr<FanoutApplication> application; ///< whose
        fanout::Outbox events;              ///< what

        /// Tell the application's observers.
        void
        Tell() const
        {
            for (const auto& event : events)
            {
                application->TellEvent(event);
            }
        }
    };

    std::deque<Batch> later; ///< events of inputs that observers made
    Batch now;               ///< events being told, keeps its memory

    /// Nothing is told any more.
    void
    Finish()
    {
        later.clear();
        now.events.clear();
        now.application = nullptr;
    }
};

Ptr<FanoutRun>
FanoutRun::Get()
{
    if (!g_run)
    {
        g_run = Create<FanoutRun>();
        Simulator::ScheduleDestroy(&FanoutRun::Reset);
    }
    return g_run;
}

void
FanoutRun::Reset()
{
    g_run = nullptr;
}

FanoutRun::FanoutRun()
    : m_queue(std::make_unique<Queue>()),
      m_seed(RngSeedManager::GetRun())
{
    m_commons.frames = &FanoutTransport::GetFrameStore();
    m_commons.wanted = fanout::EventKinds::None();
}

FanoutRun::~FanoutRun() = default;

void
FanoutRun::SetSeed(uint64_t seed)
{
    NS_LOG_FUNCTION(this << seed);
    if (m_begun && seed != m_seed)
    {
        throw std::logic_error("FanoutRun: the seed of identities cannot change any more, a peer "
                               "has been made; set it before the simulation starts");
    }
    m_seed = seed;
}

uint64_t
FanoutRun::GetSeed() const
{
    return m_seed;
}

void
FanoutRun::SetSigning(const std::string& signing)
{
    NS_LOG_FUNCTION(this << signing);
    if (signing != "ed25519" && signing != "mock")
    {
        throw std::invalid_argument("FanoutRun: signing '" + signing +
                                    "' is unknown; allowed are ed25519 and mock");
    }
    if (m_begun && signing != GetSigning())
    {
        throw std::logic_error("FanoutRun: signing cannot change any more, a peer has been made; "
                               "set it before the simulation starts");
    }
    m_commons.signatures =
        signing == "mock" ? &fanout::SignatureScheme::Mock() : &fanout::SignatureScheme::Ed25519();
}

std::string
FanoutRun::GetSigning() const
{
    return m_commons.signatures == &fanout::SignatureScheme::Mock() ? "mock" : "ed25519";
}

uint64_t
FanoutRun::GetRandomKey()
{
    if (!m_hasRandomKey)
    {
        m_randomKey = fanout::DrawKey(DEFAULT_STREAM + 1);
        m_hasRandomKey = true;
    }
    return m_randomKey;
}

void
FanoutRun::Begin()
{
    m_begun = true;
}

void
FanoutRun::Want(fanout::EventKinds kinds)
{
    m_commons.wanted.Add(kinds);
}

void
FanoutRun::NoteStanding(uint32_t index)
{
    m_stood.push_back(index);
}

const std::vector<uint32_t>&
FanoutRun::GetStandings() const
{
    return m_stood;
}

void
FanoutRun::Tell(FanoutApplication& application)
{
    Queue& queue = *m_queue;
    if (m_telling)
    {
        queue.later.push_back({Ptr<FanoutApplication>(&application), {}});
        queue.later.back().events.swap(m_commons.outbox);
        return;
    }

    // An observer may end the simulation, and with it the run.
    const Ptr<FanoutRun> self(this);
    // Back to idle, after an observer's exception too.
    const auto idle = [](FanoutRun* run)
    {
        run->m_telling = false;
        run->m_queue->Finish();
    };
    const std::unique_ptr<FanoutRun, decltype(idle)> finish(this, idle);
    m_telling = true;
    queue.now.application = &application;
    queue.now.events.swap(m_commons.outbox);
    queue.now.Tell();
    while (!queue.later.empty())
    {
        const auto next = std::move(queue.later.front());
        queue.later.pop_front();
        next.Tell();
    }
}

} // namespace ns3
