/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_CLOUD_CHANNEL_H
#define FANOUT_CLOUD_CHANNEL_H

#include "fanout-latency-model.h"
#include "fanout-wheel.h"

#include "ns3/channel.h"
#include "ns3/event-id.h"
#include "ns3/fanout-frame.h"
#include "ns3/fanout-multiaddr.h"
#include "ns3/fanout-prefetch.h"
#include "ns3/fanout-random.h"
#include "ns3/fanout-time.h"
#include "ns3/ipv4-address.h"
#include "ns3/nstime.h"
#include "ns3/packet.h"
#include "ns3/simulator.h"

#include <cstdint>
#include <unordered_map>
#include <vector>

namespace ns3
{

class FanoutCloudNetDevice;

/**
 * @ingroup fanout-tree
 * Who listens at one port of one device. A call comes from a slot of the wheel, never from inside a
 * call to the channel.
 */
class FanoutCloudListener
{
  public:
    virtual ~FanoutCloudListener() = default;

    /// A frame arrived. @param from place of the sender @param frame what it sent
    virtual void HandleFrame(uint32_t from, const fanout::FrameRef& frame) = 0;

    /// The sender has closed what it had open here. @param from place of the sender
    virtual void HandleClose(uint32_t from) = 0;

    /// The time asked for has come.
    virtual void HandleWake() = 0;

    /// The access link has sent what it had waiting, down to half of its queue.
    virtual void HandleDrained() = 0;

    /// @return whether what it sent and what was lost is still to be offered again
    virtual bool MayRepeat() const = 0;

    /// A call of HandleFrame() or HandleWake() comes soon: ask the processor for memory that it
    /// will touch beyond what SetHot() named (fanout::Prefetch()); change nothing. By default
    /// nothing is asked for. @param depth 1: what that memory points to; 2: what this points to, a
    /// little later @param from place of the sender of a frame that is not DATA, NOWHERE else
    virtual void
    Prefetch(uint32_t depth, uint32_t from) const
    {
        (void)depth;
        (void)from;
    }
};

/**
 * @ingroup fanout-tree
 * A cloud: hosts on access links, and in between nothing but a latency (FanoutLatencyModel). Device
 * i has the address FirstAddress + i; no routing, no ARP, nothing kept about pairs, and nothing
 * that a frame costs grows with the number of devices.
 *
 * What a device sends leaves one after the other at its rate up, takes its latency, and arrives one
 * after the other at the receiver's rate down. Both ends queue up to QueueBytes. Departures are
 * computed; arrivals wait in a timing wheel whose slots are Grid apart, and so do the wake-ups of
 * listeners. A slot that is not empty costs one ns-3 event. Arrival times are rounded up to the
 * grid, so a hop takes up to one Grid longer than it would; between two devices frames stay in
 * order, but for those offered again. Inside a slot Simulator::GetContext() says nothing.
 *
 * Native frames (SendFrame) and packets (FanoutCloudNetDevice::Send) share links and queues. A
 * frame sent with "again" is offered again when it is lost (a full queue, LossRate, a silent or
 * missing receiver): after twice the latency and 50 ms, twice as long each time, 5 times in all. It
 * stands for the retransmissions of a reliable protocol, without its acknowledgements.
 *
 * A place is the number of a device, or, for a second listener at another port of it, a number
 * above all devices. The channel cannot cross MPI ranks.
 */
class FanoutCloudChannel : public Channel
{
  public:
    static constexpr uint32_t NOWHERE = 0xffffffff;   ///< A place that does not exist.
    static constexpr uint32_t FURTHER = 1u << 31;     ///< Places of second listeners begin here.
    static constexpr uint32_t MAX_DEVICES = 1u << 23; ///< what 10.0.0.0/9 holds
    static constexpr uint32_t MAX_BYTES = (1u << 26) - 1; ///< largest frame or packet

    /// What has happened on the way, frames and packets.
    struct Counters
    {
        uint64_t sent{0};       ///< handed to an access link, repetitions included
        uint64_t sentBytes{0};  ///< bytes of these
        uint64_t packets{0};    ///< of these, packets
        uint64_t parcels{0};    ///< most packets that were on their way at a time
        uint64_t arrived{0};    ///< handed to a listener or a node
        uint64_t queueDrops{0}; ///< the receiver's queue was full
        uint64_t lost{0};       ///< by LossRate
        uint64_t unheard{0};    ///< receiver or sender silent, or nobody listens
        uint64_t again{0};      ///< offered again, part of sent
        uint64_t givenUp{0};    ///< offered five times in vain, or the sender is gone
        uint64_t slots{0};      ///< slots of the wheel that were not empty
        uint64_t wakes{0};      ///< wake-ups
        uint64_t waited{0};     ///< arrivals that had to wait for the receiver's link
    };

    /// An access link.
    struct Access
    {
        uint64_t up{0};         ///< from the device, bit/s, above 0
        uint64_t down{0};       ///< to the device, bit/s, above 0
        uint32_t queueBytes{0}; ///< that may wait in either direction
    };

    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    FanoutCloudChannel();
    ~FanoutCloudChannel() override;

    /// @param model latencies; to be set before anything is sent
    void SetLatencyModel(Ptr<FanoutLatencyModel> model);

    /// @return latencies
    Ptr<FanoutLatencyModel> GetLatencyModel() const;

    /// @param stream first stream number to use @return number of streams used
    int64_t AssignStreams(int64_t stream);

    // ---- devices ----

    /// @param device one more @param access its link @return its place
    uint32_t Attach(Ptr<FanoutCloudNetDevice> device, const Access& access);

    /// @param devices that are going to be attached; saves moving them
    void Reserve(std::size_t devices);

    /// @param place of a device @param access its link from now on
    void SetAccess(uint32_t place, const Access& access);

    /// @param place of a device @return its link; rates to seven digits
    Access GetAccess(uint32_t place) const;

    /// Let a device fall silent: what it sends or should get vanishes.
    /// @param place of it @param silent or not any more
    void SetSilent(uint32_t place, bool silent);

    /// @param place of a device or listener @return its device's address
    Ipv4Address GetAddress(uint32_t place) const;

    /// @param address any @return place of the device that has it, NOWHERE when there is none
    uint32_t GetPlace(Ipv4Address address) const;

    std::size_t GetNDevices() const override;
    Ptr<NetDevice> GetDevice(std::size_t i) const override;

    // ---- native frames ----

    /**
     * @param device place of a device @param port of it, 1 to 65535
     * @param listener who hears of what comes there
     * @return its place, NOWHERE when the port is taken
     */
    uint32_t Listen(uint32_t device, uint16_t port, FanoutCloudListener* listener);

    /// @param place of a listener, which hears of nothing more
    void Unlisten(uint32_t place);

    /// Name memory that whatever arrives here is going to touch: it is brought into the cache a
    /// little before. @param place of a listener @param hot what
    void SetHot(uint32_t place, const fanout::HotMemory& hot);

    /// @param endpoint address and port @return place of who listens or may listen there; NOWHERE
    /// when there is no such device, or nobody listens there but somebody does at another port
    uint32_t Resolve(const fanout::Endpoint& endpoint);

    /// @param place any @return its address and port, empty when not known
    fanout::Endpoint GetEndpoint(uint32_t place) const;

    /**
     * Hand a frame to an access link. It is taken even when the queue is full; who respects that
     * asks IsFull() first.
     * @param from place of the sender @param to place of the receiver, NOWHERE loses it
     * @param frame what, null for HandleClose() @param bytes it takes on the wire, up to MAX_BYTES
     * @param again offer it again when it is lost
     */
    void SendFrame(
        uint32_t from, uint32_t to, const fanout::FrameRef& frame, uint32_t bytes, bool again);

    /// The same for a liar, once. @param from whose link carries it @param claimed place of the
    /// sender that the receiver is shown @param to place of the receiver @param frame what
    /// @param bytes it takes on the wire
    void SendFrameAs(uint32_t from,
                     uint32_t claimed,
                     uint32_t to,
                     const fanout::FrameRef& frame,
                     uint32_t bytes);

    /// @param place of a sender @return whether its link has its queue full
    bool IsFull(uint32_t place) const;

    /// @param place of a sender @return bytes that its link has not sent yet
    uint32_t GetBacklog(uint32_t place) const;

    /// Have HandleDrained called once the queue has fallen to half. @param place of a sender
    void AwaitDrained(uint32_t place);

    /// Have HandleWake called, once, in place of what was asked for before. @param place of a
    /// listener @param when not before, rounded up to the grid; in the past: at the next slot; more
    /// than HORIZON slots ahead: then; NEVER: not at all
    void WakeAt(uint32_t place, fanout::Micros when);

    // ---- packets ----

    /**
     * @param from place of a device @param to place of another one @param packet what
     * @param protocol EtherType
     * @return false when the queue is full or the packet too large
     */
    bool SendPacket(uint32_t from, uint32_t to, Ptr<Packet> packet, uint16_t protocol);

    // ---- what anybody may ask ----

    /// @return what has happened so far
    const Counters& GetCounters() const;

    /// @return simulated time, microseconds; inside a slot quicker than Simulator::Now()
    fanout::Micros
    GetNow() const
    {
        return Now() / 1000;
    }

    /// @return distance of two slots
    Time GetGrid() const;

    /// @return arrivals and wake-ups pending
    std::size_t GetPending() const;

    static constexpr uint32_t HORIZON = (1u << 31) - 2; ///< slots that WakeAt() looks ahead

  protected:
    void DoDispose() override;

  private:
    static constexpr std::size_t DEPARTURES = 32; ///< that wait at most

    /// The wake-up of a listener. Where it is put off, what the wheel has of it stays, and is put
    /// off when its slot comes: that touches nothing of the listener. Both members are the low
    /// halves of slots, 0 for none; no wake-up has a slot whose low half is 0.
    struct Alarm
    {
        uint32_t due{0};   ///< the slot asked for
        uint32_t armed{0}; ///< the soonest slot in which the wheel has it
    };

    static constexpr unsigned HOT_BITS = 4; ///< of hotLines, for each piece

    /// An access link and the first listener behind it: one line of the cache.
    struct alignas(64) Line
    {
        FanoutCloudListener* listener{nullptr};   ///< null: nobody
        int64_t upBusy{0};                        ///< sends until, nanoseconds
        int64_t downBusy{0};                      ///< receives until, nanoseconds
        float upPerByte{0};                       ///< nanoseconds
        float downPerByte{0};                     ///< nanoseconds
        uint32_t queueBytes{0};                   ///< that may wait
        Alarm alarm;                              ///< of the listener
        int32_t hot[fanout::HotMemory::PIECES]{}; ///< what it touches: first lines
        uint16_t hotLines{0};                     ///< and how many, see Pack()
        bool silent{false};                       ///< see SetSilent()
        bool deep{true};                          ///< the listener has more to prefetch
    };

    static_assert(sizeof(Line) == 64);

    /// A further listener at a device.
    struct Further
    {
        FanoutCloudListener* listener{nullptr}; ///< null: nobody any more
        uint32_t device{0};                     ///< where
        uint16_t port{0};                       ///< its port
        Alarm alarm;                            ///< its wake-up
    };

    /// Something on its way to an access link, or through it.
    struct Arrival
    {
        const fanout::Frame* frame{nullptr}; ///< a reference; null for a packet and for a close
        uint32_t from{0};                    ///< place of the sender; of a packet, its parcel
        uint32_t to{0};                      ///< place of the receiver
        uint32_t bytes : 26;                 ///< on the wire
        uint32_t tries : 3;                  ///< times it was offered
        uint32_t again : 1;                  ///< offer it again when lost
        uint32_t packet : 1;                 ///< from is a parcel
        uint32_t vanishes : 1;               ///< lost on the way already
        uint32_t early{0};                   ///< nanoseconds it arrived before its slot, or PASSED

        static constexpr uint32_t PASSED = 0xffffffff; ///< it has passed the receiver's link

        Arrival();

        /// @return whose memory it touches
        uint32_t
        Place() const
        {
            return to;
        }

        /// @return the frame, null for none
        const fanout::Frame*
        GetFrame() const
        {
            return frame;
        }

        /// @return place of the sender of a frame that is not DATA, else NOWHERE
        uint32_t
        ControlFrom() const
        {
            return frame && !frame->IsData() ? from : NOWHERE;
        }
    };

    /// Something that leaves an access link in this slot, and waits until its delay can be computed
    /// without waiting for memory.
    struct Departure
    {
        Arrival arrival;    ///< what
        uint32_t device{0}; ///< whose link
        int64_t at{0};      ///< leaves it then, nanoseconds
    };

    /// A wake-up.
    struct Wake
    {
        uint32_t place{0};   ///< whose
        bool drained{false}; ///< HandleDrained(), else HandleWake()

        /// @return whose memory it touches
        uint32_t
        Place() const
        {
            return place;
        }

        /// @return null: it has none
        const fanout::Frame*
        GetFrame() const
        {
            return nullptr;
        }

        /// @return NOWHERE
        uint32_t
        ControlFrom() const
        {
            return NOWHERE;
        }
    };

    /// A packet on its way.
    struct Parcel
    {
        Ptr<Packet> packet;   ///< what
        uint32_t from{0};     ///< place of the device
        uint16_t protocol{0}; ///< EtherType
    };

    /// @param grid distance of two slots
    void SetGrid(Time grid);

    /// @param address of device 0
    void SetFirstAddress(Ipv4Address address);

    /// @return address of device 0
    Ipv4Address GetFirstAddress() const;

    /// @param place any @return number of its device
    uint32_t DeviceOf(uint32_t place) const;

    /// @param place any @return its access link
    Line& LineOf(uint32_t place);

    /// @param place any @return its access link
    const Line& LineOf(uint32_t place) const;

    /// @param place of a listener @return it, null for nobody
    FanoutCloudListener* ListenerAt(uint32_t place) const;

    /// @param place of a listener @return where it is noted
    FanoutCloudListener*& ListenerSlot(uint32_t place);

    /// @param place of a listener @return its alarm
    Alarm& AlarmOf(uint32_t place);

    /// @return simulated time, nanoseconds
    int64_t
    Now() const
    {
        return m_running ? static_cast<int64_t>(m_cursor) * m_grid
                         : Simulator::Now().GetNanoSeconds();
    }

    /// @param when nanoseconds @return first slot not before it that can still be pushed to
    uint64_t TickOf(int64_t when) const;

    /// @param from place of the sender, as the receiver is shown it @param to place of the receiver
    /// @param frame what @param bytes it takes on the wire @return it, ready to depart
    static Arrival ArrivalOf(uint32_t from,
                             uint32_t to,
                             const fanout::FrameRef& frame,
                             uint32_t bytes);

    /// Charge the sender's link and send on its way. @param arrival what @param from place of the
    /// sender
    void Depart(const Arrival& arrival, uint32_t from);

    /// @param departure goes on its way
    void Travel(const Departure& departure);

    /// All that wait to do so go on their way.
    void TravelAll();

    /// @param arrival reaches the receiver's link @param when then, nanoseconds
    void PushArrival(Arrival arrival, int64_t when);

    /// @param tick a slot @param wake is due then
    void PushWake(uint64_t tick, Wake wake);

    /// Have the wheel know of an alarm. @param place of a listener @param alarm its own
    /// @param tick the slot in which it is
    void Arm(uint32_t place, Alarm& alarm, uint64_t tick);

    /// @return whether LossRate takes this one
    bool DrawLoss();

    /// Make sure that Run is called. @param tick at that slot or before
    void Schedule(uint64_t tick);

    /// The slot has come.
    void Run();

    /// Note a piece of memory by its first cache line, counted from the first one of its kind, and
    /// by the number of lines. Nothing is noted of what is too far from there.
    /// @param line gets it @param i a piece @param memory the piece
    void Pack(Line& line, std::size_t i, fanout::ByteView memory);

    /// @param line a link @param i a piece @return its first line, any line when there is none
    const char*
    FirstLine(const Line& line, std::size_t i) const
    {
        return m_hotBases[i] + std::ptrdiff_t{line.hot[i]} * fanout::CACHE_LINE_BYTES;
    }

    /// @param line whose listener is brought into the cache, and what it named
    void PrefetchListener(const Line& line) const;

    /// Bring the first lines of a listener and of what it named into the cache. @param line of the
    /// listener
    void PrefetchPages(const Line& line) const;

    /// Steps of prefetching. Before its turn comes, what something due will touch is fetched in
    /// steps, each of which needs what the one before brought. The processor waits for a page that
    /// it has to find, but finds several at once: so things due are fetched in groups, and their
    /// first lines before all others.
    enum class Step : uint8_t
    {
        LINE,     ///< the access link
        PAGES,    ///< first lines of the listener, and of what it named
        LISTENER, ///< all of these
        BEHIND,   ///< what these point to
        FURTHER   ///< what that points to
    };

    /// @param arrival due @param line its receiver's @return whether it is handed on in this slot,
    /// and does not wait for that link first
    bool IsHandedOn(const Arrival& arrival, const Line& line) const;

    /// The same. @param wake of the listener @param line its own
    bool IsHandedOn(const Wake& wake, const Line& line) const;

    /// @param entry due @return the link where it is handed on to a first listener, else null
    template <typename T>
    const Line* LineDue(const T& entry) const;

    /// Bring closer to the cache what something due will touch. @tparam STEP one after LINE
    /// @param entry due @param line of the listener
    template <Step STEP, typename T>
    void PrefetchFor(const T& entry, const Line& line) const;

    /// The same for a group. @tparam STEP any @param entries due @param n how many @param from the
    /// first of the group; nothing for those beyond
    template <Step STEP, typename T>
    void PrefetchGroup(const T* entries, std::size_t n, std::size_t from) const;

    /// The same for the first groups. @tparam STEP any @param entries due @param n how many
    /// @param ahead of how many
    template <Step STEP, typename T>
    void PrefetchFirst(const T* entries, std::size_t n, std::size_t ahead) const;

    /// Handle all that a wheel has for this slot. @param wheel one @param due room for it
    /// @param handle called with something due @return how much there was
    template <typename T, typename Handle>
    std::size_t Work(fanout::Wheel<T>& wheel, std::vector<T>& due, Handle handle);

    /// @param arrival has reached its receiver's link @param now time of the slot
    void Receive(const Arrival& arrival, int64_t now);

    /// @param arrival has passed its receiver's link
    void Hand(const Arrival& arrival);

    /// @param arrival a packet
    void HandPacket(const Arrival& arrival);

    /// @param arrival a packet @return the device it goes to
    FanoutCloudNetDevice& PacketDeviceOf(const Arrival& arrival) const;

    /// @param arrival a packet, which is on its way no more @return what was on its way
    Parcel TakeParcel(const Arrival& arrival);

    /// Offer it again, if it may be. @param arrival was lost
    void Again(const Arrival& arrival);

    /// @param arrival is on its way no more
    static void Forget(const Arrival& arrival);

    /// @param wheel gives back all that is on its way
    static void ForgetAll(fanout::Wheel<Arrival>& wheel);

    /// @param wake is due
    void HandleWake(const Wake& wake);

    std::vector<Line> m_lines;                              ///< by device
    std::vector<uint16_t> m_ports;                          ///< of their listeners, 0 before
    const char* m_hotBases[fanout::HotMemory::PIECES]{};    ///< a line near pieces of each kind
    std::vector<Ptr<NetDevice>> m_devices;                  ///< by place
    std::vector<Further> m_further;                         ///< places from FURTHER on
    std::unordered_map<uint64_t, uint32_t> m_furtherByPort; ///< device and port -> place
    fanout::Wheel<Arrival> m_arrivals;                      ///< on the way to the receiver's link
    fanout::Wheel<Arrival> m_passing;                       ///< on that link
    fanout::Wheel<Wake> m_wakes;                            ///< wake-ups
    std::vector<Arrival> m_arriving;                        ///< of this slot
    std::vector<Wake> m_waking;                             ///< of this slot
    std::vector<Departure> m_departures;                    ///< of this slot, that wait
    std::vector<Parcel> m_parcels;                          ///< packets on their way
    std::vector<uint32_t> m_freeParcels;                    ///< of these, not in use
    Ptr<FanoutLatencyModel> m_latency;                      ///< latencies
    fanout::Random m_random;                                ///< draws of LossRate
    EventId m_event;                                        ///< Run
    uint64_t m_eventTick{fanout::Wheel<Wake>::NO_TICK};     ///< of m_event
    uint64_t m_cursor{0};                                   ///< slot being run
    int64_t m_grid{100000};                                 ///< distance of two slots, nanoseconds
    double m_lossRate{0};                                   ///< attribute
    uint32_t m_firstAddress{0};                             ///< of device 0
    bool m_running{false};                                  ///< inside a slot
    Counters m_counters;                                    ///< what has happened
};

} // namespace ns3

#endif // FANOUT_CLOUD_CHANNEL_H
