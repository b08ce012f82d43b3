/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_TREE_OPTIONS_H
#define FANOUT_TREE_OPTIONS_H

#include "fanout-application.h"

#include "ns3/fanout-options.h"
#include "ns3/object.h"

#include <memory>
#include <string>

namespace ns3
{

/**
 * @ingroup fanout-tree
 * All options of a FanoutTree peer as attributes. One object serves all peers of a role. It is
 * frozen by the first Get(), which a peer calls when it starts: setting an attribute afterwards
 * throws std::logic_error.
 */
class FanoutTreeOptions : public Object
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    FanoutTreeOptions();
    ~FanoutTreeOptions() override;

    /**
     * @param role root: 160 Mbit/s and 64 children; relay: 80 Mbit/s and 32; else none
     * @return options with the upload and the children that the reference gives this role
     */
    static Ptr<FanoutTreeOptions> ForRole(FanoutRole role);

    /// @return a copy that is not frozen
    Ptr<FanoutTreeOptions> Copy() const;

    /// @return what is wrong with the values together and what is allowed, empty when nothing is
    std::string Check() const;

    /**
     * Freeze the options.
     * @return them
     * @throws std::invalid_argument with the text of Check() when they are unsound
     */
    std::shared_ptr<const fanout::Options> Get();

    /// @return the options as they are, without freezing them
    const fanout::Options& Peek() const;

    /// @return whether Get() was called
    bool IsFrozen() const;

  private:
    template <typename Value, typename Field>
    class Accessor;
    struct Adder;

    std::shared_ptr<fanout::Options> m_options; ///< the values
    bool m_frozen{false};                       ///< Get() was called
};

} // namespace ns3

#endif // FANOUT_TREE_OPTIONS_H
