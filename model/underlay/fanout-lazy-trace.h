/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef FANOUT_LAZY_TRACE_H
#define FANOUT_LAZY_TRACE_H

#include "ns3/ptr.h"
#include "ns3/trace-source-accessor.h"
#include "ns3/traced-callback.h"

#include <string>

namespace ns3::fanout
{

/**
 * @ingroup fanout-tree
 * Access to a trace source in a block that its object makes only when somebody connects; until then
 * all trace sources of an object cost it one pointer.
 *
 * @tparam O the object's class
 * @tparam B the block
 * @tparam Args what the trace source passes on
 */
template <typename O, typename B, typename... Args>
class LazyTraceAccessor : public TraceSourceAccessor
{
  public:
    using Source = TracedCallback<Args...> B::*; ///< a member of the block
    using Block = B* (O::*)(bool make);          ///< gives the block, made if missing, or null

    /// @param source which @param block where it is
    LazyTraceAccessor(Source source, Block block)
        : m_source(source),
          m_block(block)
    {
    }

    bool
    ConnectWithoutContext(ObjectBase* object, const CallbackBase& callback) const override
    {
        const auto source = Find(object, true);
        if (source)
        {
            source->ConnectWithoutContext(callback);
        }
        return source != nullptr;
    }

    bool
    Connect(ObjectBase* object, std::string context, const CallbackBase& callback) const override
    {
        const auto source = Find(object, true);
        if (source)
        {
            source->Connect(callback, context);
        }
        return source != nullptr;
    }

    bool
    DisconnectWithoutContext(ObjectBase* object, const CallbackBase& callback) const override
    {
        const auto source = Find(object, false);
        if (source)
        {
            source->DisconnectWithoutContext(callback);
        }
        return source != nullptr;
    }

    bool
    Disconnect(ObjectBase* object, std::string context, const CallbackBase& callback) const override
    {
        const auto source = Find(object, false);
        if (source)
        {
            source->Disconnect(callback, context);
        }
        return source != nullptr;
    }

  private:
    /// @param object any @param make what is missing @return its trace source or null
    TracedCallback<Args...>*
    Find(ObjectBase* object, bool make) const
    {
        const auto owner = dynamic_cast<O*>(object);
        B* block = owner ? (owner->*m_block)(make) : nullptr;
        return block ? &(block->*m_source) : nullptr;
    }

    Source m_source; ///< which
    Block m_block;   ///< where
};

/// @param source member of a block @param block gives the block @return access to the source
template <typename O, typename B, typename... Args>
Ptr<const TraceSourceAccessor>
MakeLazyTraceAccessor(TracedCallback<Args...> B::*source, B* (O::*block)(bool make))
{
    return Ptr<const TraceSourceAccessor>(new LazyTraceAccessor<O, B, Args...>(source, block),
                                          false);
}

} // namespace ns3::fanout

#endif // FANOUT_LAZY_TRACE_H
