/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-tree-options.h"

#include "ns3/boolean.h"
#include "ns3/data-rate.h"
#include "ns3/double.h"
#include "ns3/log.h"
#include "ns3/nstime.h"
#include "ns3/string.h"
#include "ns3/uinteger.h"

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <type_traits>

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("FanoutTreeOptions");

NS_OBJECT_ENSURE_REGISTERED(FanoutTreeOptions);

namespace
{

/// Names of the scoring modes, in their order.
constexpr const char* SCORING_NAMES[] = {"ranked-shuffle", "ranked-strict", "weighted"};

constexpr uint64_t UPLOAD_ROOT = 160000000; ///< bits a second, of simulators 7
constexpr uint64_t UPLOAD_RELAY = 80000000; ///< bits a second, of simulators 7
constexpr uint16_t CHILDREN_ROOT = 64;      ///< of simulators 7
constexpr uint16_t CHILDREN_RELAY = 32;     ///< of simulators 7

/// @param value an attribute's @return an option's
double
FromAttribute(const DataRateValue& value)
{
    return static_cast<double>(value.Get().GetBitRate()) / 8;
}

/// @param value an attribute's @return an option's
fanout::Micros
FromAttribute(const TimeValue& value)
{
    return value.Get().GetMicroSeconds();
}

/// @param value an attribute's @return an option's
fanout::ScoringMode
FromAttribute(const StringValue& value)
{
    const auto found = std::find(std::begin(SCORING_NAMES), std::end(SCORING_NAMES), value.Get());
    if (found == std::end(SCORING_NAMES))
    {
        throw std::invalid_argument("FanoutTreeOptions: Scoring '" + value.Get() +
                                    "' is unknown; allowed are ranked-shuffle, ranked-strict and "
                                    "weighted");
    }
    return static_cast<fanout::ScoringMode>(found - std::begin(SCORING_NAMES));
}

/// @param value an attribute's @return an option's
template <typename Value>
auto
FromAttribute(const Value& value)
{
    return value.Get();
}

/// @param value gets an option's value @param option the option
void
ToAttribute(DataRateValue& value, double option)
{
    value.Set(DataRate(static_cast<uint64_t>(option * 8)));
}

/// @param value gets an option's value @param option the option
void
ToAttribute(TimeValue& value, fanout::Micros option)
{
    value.Set(MicroSeconds(option));
}

/// @param value gets an option's value @param option the option
void
ToAttribute(StringValue& value, fanout::ScoringMode option)
{
    value.Set(SCORING_NAMES[static_cast<std::size_t>(option)]);
}

/// @param value gets an option's value @param option the option
template <typename Value, typename Field>
void
ToAttribute(Value& value, Field option)
{
    value.Set(option);
}

} // namespace

/// Access to one option, refused once the options are frozen.
template <typename Value, typename Field>
class FanoutTreeOptions::Accessor : public AttributeAccessor
{
  public:
    /// @param name of the attribute @param field the option
    Accessor(const char* name, Field fanout::Options::*field)
        : m_name(name),
          m_field(field)
    {
    }

    bool
    Set(ObjectBase* object, const AttributeValue& value) const override
    {
        const auto options = dynamic_cast<FanoutTreeOptions*>(object);
        const auto typed = dynamic_cast<const Value*>(&value);
        if (!options || !typed)
        {
            return false;
        }
        if (options->m_frozen)
        {
            throw std::logic_error(std::string("FanoutTreeOptions: ") + m_name +
                                   " cannot change any more, a peer uses these options; set it "
                                   "before the applications start, or make another object");
        }
        (*options->m_options).*m_field = static_cast<Field>(FromAttribute(*typed));
        return true;
    }

    bool
    Get(const ObjectBase* object, AttributeValue& value) const override
    {
        const auto options = dynamic_cast<const FanoutTreeOptions*>(object);
        const auto typed = dynamic_cast<Value*>(&value);
        if (!options || !typed)
        {
            return false;
        }
        ToAttribute(*typed, (*options->m_options).*m_field);
        return true;
    }

    bool
    HasGetter() const override
    {
        return true;
    }

    bool
    HasSetter() const override
    {
        return true;
    }

  private:
    const char* m_name;              ///< of the attribute
    Field fanout::Options::*m_field; ///< the option
};

/// Adds attributes to a TypeId, each with its default from fanout::Options and its range.
struct FanoutTreeOptions::Adder
{
    TypeId tid;                     ///< gets them
    const fanout::Options defaults; ///< initial values

    /// @param name of it @param help for it @param field the option @param checker its range
    template <typename Value, typename Field>
    void
    Add(const char* name,
        const char* help,
        Field fanout::Options::*field,
        Ptr<const AttributeChecker> checker)
    {
        Value initial;
        ToAttribute(initial, defaults.*field);
        tid = tid.AddAttribute(
            name,
            help,
            initial,
            Ptr<const AttributeAccessor>(new Accessor<Value, Field>(name, field), false),
            checker);
    }

    /// A whole number. @param name of it @param help for it @param field the option
    /// @param from smallest @param to largest
    template <typename Field>
    void
    Whole(const char* name,
          const char* help,
          Field fanout::Options::*field,
          uint64_t from = 0,
          uint64_t to = std::numeric_limits<Field>::max())
    {
        Add<UintegerValue>(name, help, field, MakeUintegerChecker<uint64_t>(from, to));
    }

    /// A real number. @param name of it @param help for it @param field the option
    /// @param from smallest @param to largest
    void
    Real(const char* name, const char* help, double fanout::Options::*field, double from, double to)
    {
        Add<DoubleValue>(name, help, field, MakeDoubleChecker<double>(from, to));
    }

    /// A duration. @param name of it @param help for it @param field the option
    /// @param from smallest @param to largest
    void
    Duration(const char* name,
             const char* help,
             fanout::Micros fanout::Options::*field,
             Time from = MilliSeconds(0),
             Time to = Seconds(86400))
    {
        Add<TimeValue>(name, help, field, MakeTimeChecker(from, to));
    }

    /// A switch. @param name of it @param help for it @param field the option
    void
    Switch(const char* name, const char* help, bool fanout::Options::*field)
    {
        Add<BooleanValue>(name, help, field, MakeBooleanChecker());
    }

    /// Options of the stream.
    void
    AddStream()
    {
        using O = fanout::Options;
        Real("MessageRate",
             "Messages a second the channel is planned for, 1e-6 to 1e6.",
             &O::messageRate,
             1e-6,
             1e6);
        Whole("MessageSize", "Payload bytes a message, at least 1.", &O::messageSize, 1);
        Add<DataRateValue>("UploadRate",
                           "Shaped upload; 0: admits nobody.",
                           &O::uploadBytesPerSecond,
                           MakeDataRateChecker());
        Duration("UploadBurst",
                 "Burst in time at UploadRate; 0: 100 ms or 3 messages to all children.",
                 &O::uploadBurst);
        Whole(
            "MaxChildren",
            "Children at most; 0: a leaf. One more stays while a leaf moves, and for good when it "
            "brings children of its own and the upload carries it.",
            &O::maxChildren);
        Whole("BidPerByte", "Bid a byte.", &O::bidPerByte);
        Switch("AllowKick", "Whether a higher bid displaces a lower one.", &O::allowKick);
    }

    /// Options of joining.
    void
    AddJoining()
    {
        using O = fanout::Options;
        const Time ms = MilliSeconds(1);
        Duration("JoinTimeout", "Of the first attach; 0: never.", &O::joinTimeout);
        Duration("RetryDelay", "First pause after a failed round, doubles.", &O::retryDelay, ms);
        Duration("RetryDelayMax", "Longest pause, at least RetryDelay.", &O::retryDelayMax, ms);
        Duration("JoinRequestTimeout",
                 "An accept later than this is answered LEAVE.",
                 &O::joinRequestTimeout,
                 ms);
        Whole("TrackerCandidates",
              "Entries asked from a tracker; 0: no queries.",
              &O::trackerCandidates);
        Duration("TrackerQueryTimeout",
                 "A query without answer is given up.",
                 &O::trackerQueryTimeout,
                 ms);
        Duration("TrackerNextAfter", "Then the next tracker is asked too.", &O::trackerNextAfter);
        Whole("TrackerShards",
              "Trackers a channel's members are split over, at least 1.",
              &O::trackerShards,
              1);
        Whole("BootstrapMaxPeers", "Trackers used while joining; 0: all.", &O::bootstrapMaxPeers);
        Whole("JoinAttemptsPerRound",
              "Candidates asked in a round, at least 1.",
              &O::joinAttemptsPerRound,
              1);
        Duration("CandidateCooldown", "Base of a candidate's cooldown.", &O::candidateCooldown);
        Add<StringValue>("Scoring",
                         "Order of candidates: ranked-shuffle, ranked-strict or weighted.",
                         &O::scoring,
                         MakeStringChecker());
        Whole("CandidateShuffleTopK",
              "Head of the candidates that is shuffled or drawn from.",
              &O::candidateShuffleTopK);
        Real("WeightLevel", "Weighted scoring: level, 0 to 1e6.", &O::weightLevel, 0, 1e6);
        Real("WeightFreeSlots", "Weighted scoring: free slots.", &O::weightFreeSlots, 0, 1e6);
        Real("WeightConnected", "Weighted scoring: a link is open.", &O::weightConnected, 0, 1e6);
        Real("WeightBid", "Weighted scoring: bid.", &O::weightBid, 0, 1e6);
        Real("WeightSource", "Weighted scoring: where it was heard of.", &O::weightSource, 0, 1e6);
        Duration("AnnounceTtl",
                 "Life of an announce, 1 s to 120 s; a third of it keeps it alive.",
                 &O::announceTtl,
                 Seconds(1),
                 Seconds(120));
        Duration("AnnounceSpacing", "Between two announces at least.", &O::announceSpacing);
        Duration("SlotLease",
                 "Of a tracker: a slot that it gave out is kept so long for who asked; 0: it is "
                 "not.",
                 &O::slotLease);
    }

    /// Options of children.
    void
    AddChildren()
    {
        using O = fanout::Options;
        Duration("ChildLease",
                 "A child unheard so long is let go while data flows to it, at least 500 ms.",
                 &O::childLease,
                 MilliSeconds(500));
        Duration("IdleLease",
                 "The same while nothing flows, at least ChildLease.",
                 &O::idleLease,
                 MilliSeconds(500));
        Duration("ConfirmLease",
                 "The same until a new child is heard again, at least 1 ms.",
                 &O::confirmLease,
                 MilliSeconds(1));
        Switch("MoveOnOverload",
               "Whether children are sent elsewhere when a queue stays above its mark for 0.5 s.",
               &O::moveOnOverload);
        Switch("RelaysFirst",
               "Whether a leaf makes room for a relay when all slots are taken.",
               &O::relaysFirst);
        Duration("HoldTime",
                 "A peer without a parent keeps its children so long, at most 60 s and half of "
                 "MaxDataAge; 0: it lets them go at once.",
                 &O::holdTime,
                 Seconds(0),
                 Seconds(60));
        Whole("Backups",
              "Parents known beforehand, at most 4; a leaf knows 2 of them.",
              &O::backups,
              0,
              4);
        Real("AdmissionHeadroom",
             "Share of the upload that children may need, 0.001 to 1.",
             &O::admissionHeadroom,
             0.001,
             1);
        Real("RepairShare",
             "Repair's own bucket, share of the upload, 0 to 1.",
             &O::repairShare,
             0,
             1);
        Duration("QueueAge",
                 "A frame that waited longer is dropped.",
                 &O::queueAge,
                 MilliSeconds(1));
        Switch("DropNewest",
               "Whether a full queue drops the newest instead of the oldest.",
               &O::dropNewest);
        Switch("RoundRobin",
               "Whether children take turns when the upload is too small; else the first one "
               "always goes first.",
               &O::roundRobin);
    }

    /// Options of delivery, repair, liveness and the wire.
    void
    AddDelivery()
    {
        using O = fanout::Options;
        const Time ms = MilliSeconds(1);
        Switch("Repair", "Whether to ask for what is missing and keep messages.", &O::repair);
        Switch("Neighbours",
               "Whether neighbours are asked where the parent does not help.",
               &O::neighbours);
        Whole("MeshPeers",
              "Neighbours told regularly what there is, 0 to 16; 0: none. Needs Repair, "
              "Neighbours and Extension.",
              &O::meshPeers,
              0,
              16);
        Duration("MeshInterval",
                 "Between two such words at least.",
                 &O::meshInterval,
                 MilliSeconds(50));
        Whole("RepairWindow", "Messages kept, 1 to 65536.", &O::repairWindow, 1, 65536);
        Whole("RepairMaxBackfill",
              "Oldest gap asked for, messages, at most RepairWindow.",
              &O::repairMaxBackfill,
              0,
              65536);
        Whole("RepairMaxPerRequest",
              "Messages asked for at once, 1 to 255.",
              &O::repairMaxPerRequest,
              1,
              255);
        Whole("RepairTries", "Requests a message, 1 to 255.", &O::repairTries, 1);
        Duration("RepairRetry",
                 "Between two requests of a message at the parent; 0: by the measured round trip.",
                 &O::repairRetry);
        Duration("MaxDataAge", "Older data is not pushed on; 0: no limit.", &O::maxDataAge);
        Whole("MaxMessageBytes", "Largest payload accepted.", &O::maxMessageBytes, 1);
        Duration("SuspectMin", "Silence is never suspected earlier.", &O::suspectMin, ms);
        Duration("CheckSpacing", "Between two silence checks.", &O::checkSpacing, ms);
        Duration("AliveInterval",
                 "Child to parent while data flows, 50 ms to half of ChildLease.",
                 &O::aliveInterval,
                 MilliSeconds(50));
        Duration("AliveIdleInterval",
                 "Child to parent while nothing flows, AliveInterval to half of IdleLease.",
                 &O::aliveIdleInterval,
                 MilliSeconds(50));
        Switch("Extension",
               "Whether to speak the compatible extension; without it every frame is the "
               "reference's.",
               &O::extension);
        Switch("ShareVerdicts",
               "Whether one check of a signature serves all holders of the same frame.",
               &O::shareVerdicts);
    }
};

TypeId
FanoutTreeOptions::GetTypeId()
{
    static TypeId tid = []
    {
        Adder adder{TypeId("ns3::FanoutTreeOptions")
                        .SetParent<Object>()
                        .SetGroupName("FanoutTree")
                        .AddConstructor<FanoutTreeOptions>(),
                    fanout::Options()};
        adder.AddStream();
        adder.AddJoining();
        adder.AddChildren();
        adder.AddDelivery();
        return adder.tid;
    }();
    return tid;
}

FanoutTreeOptions::FanoutTreeOptions()
    : m_options(std::make_shared<fanout::Options>())
{
}

FanoutTreeOptions::~FanoutTreeOptions() = default;

Ptr<FanoutTreeOptions>
FanoutTreeOptions::ForRole(FanoutRole role)
{
    auto options = CreateObject<FanoutTreeOptions>();
    if (role == FanoutRole::ROOT || role == FanoutRole::RELAY)
    {
        const bool root = role == FanoutRole::ROOT;
        options->m_options->uploadBytesPerSecond = (root ? UPLOAD_ROOT : UPLOAD_RELAY) / 8.0;
        options->m_options->maxChildren = root ? CHILDREN_ROOT : CHILDREN_RELAY;
    }
    return options;
}

Ptr<FanoutTreeOptions>
FanoutTreeOptions::Copy() const
{
    auto copy = CreateObject<FanoutTreeOptions>();
    *copy->m_options = *m_options;
    return copy;
}

std::string
FanoutTreeOptions::Check() const
{
    return m_options->Check();
}

std::shared_ptr<const fanout::Options>
FanoutTreeOptions::Get()
{
    if (!m_frozen)
    {
        const auto wrong = Check();
        if (!wrong.empty())
        {
            throw std::invalid_argument("FanoutTreeOptions: " + wrong);
        }
        NS_LOG_DEBUG("options " << this << " are frozen");
        m_frozen = true;
    }
    return m_options;
}

const fanout::Options&
FanoutTreeOptions::Peek() const
{
    return *m_options;
}

bool
FanoutTreeOptions::IsFrozen() const
{
    return m_frozen;
}

} // namespace ns3
