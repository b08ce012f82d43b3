/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_MEASURED_LATENCY_H
#define FANOUT_MEASURED_LATENCY_H

#include "fanout-latency-model.h"

#include <cstdint>
#include <string>
#include <vector>

namespace ns3
{

namespace fanout
{
class TextReader;
}

/**
 * @ingroup fanout-tree
 * Latencies between places that somebody measured, from a file. Host i is at place i modulo the
 * number of places, or at that of a random permutation (Shuffle). The delay is the same both ways.
 * Two hosts at one place have the delay SamePlace.
 *
 * Set attributes, read a file once, then SetLatencyModel. Errors of a file are
 * std::invalid_argument: file, line, what is wrong, what is allowed.
 */
class FanoutMeasuredLatency : public FanoutLatencyModel
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    /**
     * @param path of the file
     * @param format "king", "matrix" or "oversim": ReadKing, ReadMatrix, ReadOverSim below
     * @param unit of "king" and "matrix" @param shuffle attribute Shuffle
     * @return a model of the file
     * @throws std::invalid_argument for another format and for what is wrong in the file
     */
    static Ptr<FanoutMeasuredLatency> FromFile(const std::string& path,
                                               const std::string& format,
                                               Time unit,
                                               bool shuffle);

    /// @return number of places
    uint32_t GetPlaces() const;

    /// @param host a place in the cloud @return the number of its place in the file, from 0
    uint32_t GetPlace(uint32_t host) const;

    int64_t GetDelay(uint32_t from, uint32_t to) const override;
    int64_t AssignStreams(int64_t stream) override;

  protected:
    /// @param places how many the file has
    void SetPlaces(uint32_t places);

  private:
    /// @param a a place @param b another one @return one-way delay, nanoseconds
    virtual int64_t Between(uint32_t a, uint32_t b) const = 0;

    /// Draw the permutation anew.
    void Arrange();

    std::vector<uint32_t> m_order; ///< places by host, with Shuffle
    Time m_samePlace;              ///< attribute
    uint64_t m_key{0};             ///< of the permutation
    uint32_t m_places{0};          ///< in the file
    bool m_shuffle{false};         ///< attribute
};

/**
 * @ingroup fanout-tree
 * Delays of all pairs of at most MAX_PLACES places, 4 bytes a pair, to the microsecond. Pairs that
 * were not measured get the median of all.
 */
class FanoutMatrixLatency : public FanoutMeasuredLatency
{
  public:
    static constexpr uint32_t MAX_PLACES = 8192; ///< 134 MB

    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    /**
     * Read a topology of p2psim, as King's: "topology E2EGraph N", "node I" for I from 1 to N, then
     * "I,J DELAY": one way, in Unit, or in microseconds or milliseconds with the suffix u or m;
     * negative when not measured.
     * @param path of the file
     */
    void ReadKing(const std::string& path);

    /**
     * Read a square matrix of round trips in Unit, one row a line, as King's and PlanetLab's. What
     * is not above 0 was not measured. The diagonal is not looked at. The delay is a quarter of
     * both round trips of a pair.
     * @param path of the file
     */
    void ReadMatrix(const std::string& path);

    /// @return pairs that were not measured
    uint32_t GetMissing() const;

  private:
    int64_t Between(uint32_t a, uint32_t b) const override;

    /// @param a a place @param b another one @return the pair's position
    static std::size_t PairOf(uint32_t a, uint32_t b);

    /// @param a a place @param b another one @param seconds one way, as measured
    void Add(uint32_t a, uint32_t b, double seconds);

    /// Fill in what was not measured. @param reader at the end
    void Finish(const fanout::TextReader& reader);

    std::vector<uint32_t> m_delays; ///< microseconds by pair
    uint32_t m_missing{0};          ///< pairs that were not measured
    Time m_unit;                    ///< attribute
};

/**
 * @ingroup fanout-tree
 * Places with coordinates, whose distance is the delay in milliseconds, one way.
 */
class FanoutCoordinateLatency : public FanoutMeasuredLatency
{
  public:
    static constexpr uint32_t MAX_PLACES = 1000000; ///< of a file
    static constexpr uint32_t MAX_DIMENSIONS = 16;  ///< of a file

    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    /**
     * Read OverSim's XML: `<nodelist dimensions="D">`, in it `<node>` with D times
     * `<coord>X</coord>`.
     * @param path of the file
     */
    void ReadOverSim(const std::string& path);

  private:
    int64_t Between(uint32_t a, uint32_t b) const override;

    std::vector<float> m_coordinates; ///< by place and dimension, milliseconds
    uint32_t m_dimensions{0};         ///< of a place
};

} // namespace ns3

#endif // FANOUT_MEASURED_LATENCY_H
