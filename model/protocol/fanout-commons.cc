/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-commons.h"

#include <algorithm>
#include <stdexcept>

namespace ns3::fanout
{

namespace
{

constexpr std::size_t TERMS_KEPT = 16; ///< channels times roles that are made in turn

bool
IsSame(const ChannelConfig& a, const ChannelConfig& b)
{
    return a.options == b.options && a.root == b.root && a.rootEndpoint == b.rootEndpoint &&
           a.topic == b.topic;
}

} // namespace

std::shared_ptr<const ChannelTerms>
Commons::TermsOf(const ChannelConfig& config)
{
    const std::string wrong = config.options ? config.options->Check() : "options are missing";
    if (!wrong.empty())
    {
        throw std::invalid_argument(wrong);
    }
    for (const auto& known : m_terms)
    {
        if (auto terms = known.lock(); terms && IsSame(terms->config, config))
        {
            return terms;
        }
    }
    auto terms = std::make_shared<ChannelTerms>();
    terms->config = config;
    terms->key = ChannelKeyOf(config.root.ToText(), config.topic);
    m_terms.erase(std::remove_if(m_terms.begin(),
                                 m_terms.end(),
                                 [](const auto& known) { return known.expired(); }),
                  m_terms.end());
    if (m_terms.size() == TERMS_KEPT)
    {
        m_terms.erase(m_terms.begin());
    }
    m_terms.push_back(terms);
    return terms;
}

} // namespace ns3::fanout
