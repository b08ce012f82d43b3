/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-measured-latency.h"

#include "fanout-draw-key.h"
#include "fanout-text-reader.h"

#include "ns3/boolean.h"
#include "ns3/fanout-random.h"
#include "ns3/object-factory.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>

namespace ns3
{

using fanout::TextReader;

NS_OBJECT_ENSURE_REGISTERED(FanoutMeasuredLatency);
NS_OBJECT_ENSURE_REGISTERED(FanoutMatrixLatency);
NS_OBJECT_ENSURE_REGISTERED(FanoutCoordinateLatency);

namespace
{

constexpr uint32_t MISSING = 0xffffffff;
constexpr double LONGEST_SECONDS = 1000;
constexpr double FARTHEST_MS = 1e6;

} // namespace

// ---- places ----

TypeId
FanoutMeasuredLatency::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::FanoutMeasuredLatency")
            .SetParent<FanoutLatencyModel>()
            .SetGroupName("FanoutTree")
            .AddAttribute("Shuffle",
                          "Whether hosts get the file's places in random order",
                          BooleanValue(false),
                          MakeBooleanAccessor(&FanoutMeasuredLatency::m_shuffle),
                          MakeBooleanChecker())
            .AddAttribute("SamePlace",
                          "One-way delay between two hosts at one place of the file. At least 0.",
                          TimeValue(MilliSeconds(1)),
                          MakeTimeAccessor(&FanoutMeasuredLatency::m_samePlace),
                          MakeTimeChecker(Seconds(0)));
    return tid;
}

Ptr<FanoutMeasuredLatency>
FanoutMeasuredLatency::FromFile(const std::string& path,
                                const std::string& format,
                                Time unit,
                                bool shuffle)
{
    if (format == "oversim")
    {
        const auto model =
            CreateObjectWithAttributes<FanoutCoordinateLatency>("Shuffle", BooleanValue(shuffle));
        model->ReadOverSim(path);
        return model;
    }
    if (format != "king" && format != "matrix")
    {
        throw std::invalid_argument("latency format \"" + format +
                                    "\" is unknown; allowed: king, matrix, oversim");
    }
    const auto model = CreateObjectWithAttributes<FanoutMatrixLatency>("Shuffle",
                                                                       BooleanValue(shuffle),
                                                                       "Unit",
                                                                       TimeValue(unit));
    format == "king" ? model->ReadKing(path) : model->ReadMatrix(path);
    return model;
}

uint32_t
FanoutMeasuredLatency::GetPlaces() const
{
    return m_places;
}

uint32_t
FanoutMeasuredLatency::GetPlace(uint32_t host) const
{
    if (m_places == 0)
    {
        throw std::logic_error("FanoutMeasuredLatency: no file has been read");
    }
    const uint32_t place = host % m_places;
    return m_order.empty() ? place : m_order[place];
}

int64_t
FanoutMeasuredLatency::GetDelay(uint32_t from, uint32_t to) const
{
    const uint32_t a = GetPlace(from);
    const uint32_t b = GetPlace(to);
    return a == b ? m_samePlace.GetNanoSeconds() : Between(a, b);
}

int64_t
FanoutMeasuredLatency::AssignStreams(int64_t stream)
{
    m_key = fanout::DrawKey(stream);
    Arrange();
    return 1;
}

void
FanoutMeasuredLatency::SetPlaces(uint32_t places)
{
    m_places = places;
    Arrange();
}

void
FanoutMeasuredLatency::Arrange()
{
    m_order.clear();
    if (m_shuffle)
    {
        m_order.resize(m_places);
        std::iota(m_order.begin(), m_order.end(), 0U);
        fanout::Random(m_key, 0, 0).Shuffle(m_order.begin(), m_order.size());
    }
}

// ---- matrices ----

TypeId
FanoutMatrixLatency::GetTypeId()
{
    static TypeId tid = TypeId("ns3::FanoutMatrixLatency")
                            .SetParent<FanoutMeasuredLatency>()
                            .SetGroupName("FanoutTree")
                            .AddConstructor<FanoutMatrixLatency>()
                            .AddAttribute("Unit",
                                          "Unit of the file's numbers. From 1 ns to 1 s.",
                                          TimeValue(MilliSeconds(1)),
                                          MakeTimeAccessor(&FanoutMatrixLatency::m_unit),
                                          MakeTimeChecker(NanoSeconds(1), Seconds(1)));
    return tid;
}

void
FanoutMatrixLatency::ReadKing(const std::string& path)
{
    TextReader reader(path);
    const auto& words = reader.GetWords();
    if (!reader.Next() || words.size() != 3 || words[0] != "topology" || words[1] != "E2EGraph")
    {
        reader.Fail("this is no topology of p2psim", "topology E2EGraph N");
    }
    const auto places = reader.Whole(words[2], 2, MAX_PLACES, "number of nodes");
    m_delays.assign(PairOf(0, places), MISSING);
    std::vector<bool> nodes(places);
    while (reader.Next())
    {
        if (words[0] == "failure_model")
        {
            continue;
        }
        if (words[0] == "node" && words.size() >= 2)
        {
            const auto node = reader.Whole(words[1], 1, places, "node");
            if (nodes[node - 1])
            {
                reader.Fail("node " + std::to_string(node) + " is there twice", "each once");
            }
            nodes[node - 1] = true;
            continue;
        }
        const auto comma = words[0].find(',');
        if (words.size() != 2 || comma == std::string_view::npos)
        {
            reader.Fail("this is neither a node nor a pair", "node I, or I,J DELAY");
        }
        const auto a = reader.Whole(words[0].substr(0, comma), 1, places, "node");
        const auto b = reader.Whole(words[0].substr(comma + 1), 1, places, "node");
        auto number = words[1];
        const char suffix = number.back();
        const bool named = suffix == 'u' || suffix == 'm';
        number.remove_suffix(named ? 1 : 0);
        const double unit = !named ? m_unit.GetSeconds() : suffix == 'u' ? 1e-6 : 1e-3;
        const double delay = reader.Number(number, -1e9, LONGEST_SECONDS / unit, "delay");
        if (a == b)
        {
            reader.Fail("a pair of node " + std::to_string(a) + " and itself", "two nodes");
        }
        if (delay >= 0)
        {
            Add(a - 1, b - 1, delay * unit);
        }
    }
    const auto missing = std::find(nodes.begin(), nodes.end(), false);
    if (missing != nodes.end())
    {
        reader.Fail("node " + std::to_string(missing - nodes.begin() + 1) + " is missing",
                    std::to_string(places) + " nodes, as the first line says");
    }
    Finish(reader);
    SetPlaces(places);
}

void
FanoutMatrixLatency::ReadMatrix(const std::string& path)
{
    TextReader reader(path);
    const auto& words = reader.GetWords();
    const double unit = m_unit.GetSeconds();
    uint32_t places = 0;
    uint32_t row = 0;
    for (; reader.Next(); row++)
    {
        if (row == 0)
        {
            if (words.size() < 2 || words.size() > MAX_PLACES)
            {
                reader.Fail("a row of " + std::to_string(words.size()) + " numbers",
                            "2 to " + std::to_string(MAX_PLACES));
            }
            places = static_cast<uint32_t>(words.size());
            m_delays.assign(PairOf(0, places), MISSING);
        }
        if (words.size() != places || row >= places)
        {
            reader.Fail("row " + std::to_string(row + 1) + " has " + std::to_string(words.size()) +
                            " numbers",
                        "a square matrix, here " + std::to_string(places) + " rows of " +
                            std::to_string(places));
        }
        for (uint32_t column = 0; column < places; column++)
        {
            const double both =
                reader.Number(words[column], -1e12, 2 * LONGEST_SECONDS / unit, "round trip");
            if (column != row && both > 0)
            {
                Add(row, column, both * unit / 2);
            }
        }
    }
    if (row < places || places == 0)
    {
        reader.Fail("the file ends behind row " + std::to_string(row),
                    "a square matrix, here " + std::to_string(places) + " rows");
    }
    Finish(reader);
    SetPlaces(places);
}

uint32_t
FanoutMatrixLatency::GetMissing() const
{
    return m_missing;
}

int64_t
FanoutMatrixLatency::Between(uint32_t a, uint32_t b) const
{
    return int64_t{m_delays[PairOf(a, b)]} * 1000;
}

std::size_t
FanoutMatrixLatency::PairOf(uint32_t a, uint32_t b)
{
    const std::size_t low = std::min(a, b);
    const std::size_t high = std::max(a, b);
    return high * (high - 1) / 2 + low;
}

void
FanoutMatrixLatency::Add(uint32_t a, uint32_t b, double seconds)
{
    auto& pair = m_delays[PairOf(a, b)];
    const auto micros = static_cast<uint32_t>(std::max(1LL, std::llround(seconds * 1e6)));
    // A pair that was measured from both ends has the mean of both.
    pair = pair == MISSING ? micros : static_cast<uint32_t>((uint64_t{pair} + micros) / 2);
}

void
FanoutMatrixLatency::Finish(const TextReader& reader)
{
    std::vector<uint32_t> known;
    std::copy_if(m_delays.begin(),
                 m_delays.end(),
                 std::back_inserter(known),
                 [](uint32_t delay) { return delay != MISSING; });
    m_missing = static_cast<uint32_t>(m_delays.size() - known.size());
    if (known.size() < m_missing || known.empty())
    {
        reader.Fail(std::to_string(m_missing) + " of " + std::to_string(m_delays.size()) +
                        " pairs were not measured",
                    "at most half");
    }
    const auto middle = known.begin() + static_cast<std::ptrdiff_t>(known.size() / 2);
    std::nth_element(known.begin(), middle, known.end());
    std::replace(m_delays.begin(), m_delays.end(), MISSING, *middle);
}

// ---- coordinates ----

TypeId
FanoutCoordinateLatency::GetTypeId()
{
    static TypeId tid = TypeId("ns3::FanoutCoordinateLatency")
                            .SetParent<FanoutMeasuredLatency>()
                            .SetGroupName("FanoutTree")
                            .AddConstructor<FanoutCoordinateLatency>();
    return tid;
}

void
FanoutCoordinateLatency::ReadOverSim(const std::string& path)
{
    TextReader reader(path);
    TextReader::Tag tag;
    if (!reader.NextTag(tag) || tag.name != "nodelist")
    {
        reader.Fail("this is no list of nodes", "<nodelist dimensions=\"D\">");
    }
    m_dimensions = reader.Whole(tag.Get("dimensions"), 1, MAX_DIMENSIONS, "number of dimensions");
    uint32_t places = 0;
    bool inNode = false;
    const auto complete = [&]
    {
        if (m_coordinates.size() != std::size_t{places} * m_dimensions)
        {
            reader.Fail("node " + std::to_string(places) + " has not " +
                            std::to_string(m_dimensions) + " coordinates",
                        "one a dimension");
        }
    };
    while (reader.NextTag(tag) && tag.name != "/nodelist")
    {
        if (tag.name == "node" && !inNode)
        {
            inNode = true;
            if (++places > MAX_PLACES)
            {
                reader.Fail("too many nodes", "at most " + std::to_string(MAX_PLACES));
            }
        }
        else if (tag.name == "/node" && inNode)
        {
            complete();
            inNode = false;
        }
        else if (tag.name == "coord" && inNode)
        {
            m_coordinates.push_back(static_cast<float>(
                reader.Number(tag.text, -FARTHEST_MS, FARTHEST_MS, "coordinate")));
        }
        else if (tag.name != "/coord")
        {
            reader.Fail("<" + tag.name.substr(0, 40) + "> is not expected here",
                        "<node>, and in it <coord>");
        }
    }
    if (tag.name != "/nodelist" || inNode)
    {
        reader.Fail("the file ends within the list", "</nodelist> at its end");
    }
    if (places < 2)
    {
        reader.Fail(std::to_string(places) + " nodes", "at least 2");
    }
    SetPlaces(places);
}

int64_t
FanoutCoordinateLatency::Between(uint32_t a, uint32_t b) const
{
    double sum = 0;
    for (uint32_t i = 0; i < m_dimensions; i++)
    {
        const double apart =
            m_coordinates[a * m_dimensions + i] - m_coordinates[b * m_dimensions + i];
        sum += apart * apart;
    }
    return std::llround(std::sqrt(sum) * 1e6);
}

} // namespace ns3
