#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only

# Read by an ns-3 tree's test.py, and line by line by test/CMakeLists.txt: one tuple a line.
#
# (command with arguments, run it by default, run it under valgrind)
cpp_examples = [
    ("fanout-first-tree --peers=60 --messages=60", "True", "False"),
    ("fanout-payload", "True", "False"),
    ("fanout-own-network", "True", "False"),
    ("fanout-ethernets", "True", "False"),
    ("fanout-two-channels", "True", "False"),
    ("fanout-csv", "True", "False"),
    ("fanout-flow-monitor", "True", "False"),
    ("fanout-netanim", "True", "False"),
    ("fanout-unicast", "True", "False"),
    ("fanout-tree-sim quick --quiet --assertMinJoinedPct=100 --assertMinDeliveryPct=100 --assertMinDeadlineDeliveryPct=100 --assertMaxOverheadFactor=1.03 --assertMaxControlBpp=0.03 --assertMaxDuplicatePct=1 --assertAttachOwnP95Ms=1000", "True", "False"),
    ("fanout-tree-sim ci-small --quiet --assertMinJoinedPct=100 --assertMinDeliveryPct=100 --assertMinDeadlineDeliveryPct=100 --assertMaxOverheadFactor=1 --assertMaxControlBpp=0.4 --assertAttachP95Ms=700 --assertMaxTreeLevelP95=2 --assertMaxFormationScore=3", "True", "False"),
    ("fanout-tree-sim ci-loss --quiet --assertMinJoinedPct=100 --assertMinDeliveryPct=100 --assertMinDeadlineDeliveryPct=99.5 --assertMaxOverheadFactor=1.18 --assertMaxControlBpp=0.5 --assertMaxRepairBpp=0.2 --assertMaxDuplicatePct=2 --assertMaxOrphans=3 --assertMaxOrphanArea=2 --assertRecoveryP95Ms=500", "True", "False"),
    ("fanout-tree-sim ci-loss --quiet --churnKind=link --assertMinJoinedPct=100 --assertMinDeliveryPct=100 --assertMinDeadlineDeliveryPct=99.5 --assertMaxOverheadFactor=1.18 --assertMaxControlBpp=0.5 --assertMaxRepairBpp=0.2 --assertMaxDuplicatePct=2 --assertMaxOrphans=0 --assertRecoveryP95Ms=300", "True", "False"),
    ("fanout-tree-sim ci-loss-deep --quiet --assertMinJoinedPct=100 --assertMinDeliveryPct=99.9 --assertMinDeadlineDeliveryPct=99 --assertMaxOverheadFactor=1.25 --assertMaxControlBpp=0.6", "True", "False"),
    ("fanout-tree-sim ci-loss-deep --quiet --churnKind=link --assertMinJoinedPct=100 --assertMinDeliveryPct=99.9 --assertMinDeadlineDeliveryPct=99 --assertMaxOverheadFactor=1.2 --assertMaxControlBpp=0.6", "True", "False"),
    ("fanout-tree-sim quick --quiet --underlay=p2p --assertMinJoinedPct=100 --assertMinDeliveryPct=100", "True", "False"),
    ("fanout-tree-sim quick --quiet --underlay=csma --assertMinJoinedPct=100 --assertMinDeliveryPct=100", "True", "False"),
    ("fanout-tree-sim quick --quiet --underlay=cloud --settleMs=3000 --assertMinJoinedPct=100 --assertMinDeliveryPct=100 --assertMinDeadlineDeliveryPct=100 --assertMaxOverheadFactor=1.03 --assertMaxControlBpp=0.03 --assertMaxDuplicatePct=1 --assertAttachOwnP95Ms=1000", "True", "False"),
    ("fanout-tree-sim scale-1k --quiet --assertMinJoinedPct=100 --assertMinDeliveryPct=100 --assertMinDeadlineDeliveryPct=99.9 --assertMaxOverheadFactor=1.02 --assertMaxControlBpp=0.15 --assertAttachOwnP95Ms=1000", "True", "False"),
    ("fanout-tree-sim live --quiet --assertMinJoinedPct=100 --assertMinDeliveryPct=99.99 --assertMinDeadlineDeliveryPct=99.95 --assertMaxOverheadFactor=1.02 --assertMaxControlBpp=0.01 --assertMaxWireControlBpp=0.05 --assertMaxQueueAgeP99Ms=100", "True", "False"),
    ("fanout-tree-sim reliable --quiet --churnKind=link --assertMinJoinedPct=100 --assertMinDeliveryPct=100 --assertMinDeadlineDeliveryPct=99.99 --assertMaxOverheadFactor=1.02 --assertMaxControlBpp=0.01 --assertMaxWireControlBpp=0.05", "True", "False"),
    ("fanout-tree-sim live-tight --messages=600 --quiet --assertMinJoinedPct=100 --assertMinDeliveryPct=99.9 --assertMinDeadlineDeliveryPct=99.5 --assertMaxOverheadFactor=1.03 --assertMaxControlBpp=0.02 --assertMaxQueueAgeP99Ms=500", "True", "False"),
    ("fanout-tree-sim crash-30 --quiet --assertWholeAfterMs=4500 --assertMinSurvivorsDeliveredPct=100 --assertMinSurvivorsDisturbed=300 --assertMaxQueuedBytesPeak=1000000 --assertMaxPeerBytesPeak=100000 --assertMaxTrackerEntriesPeak=500 --assertMaxTrackerLinksPeak=1999", "True", "False"),
    ("fanout-tree-sim crash-50 --quiet --assertWholeAfterMs=5000 --assertMinSurvivorsDeliveredPct=100 --assertMinSurvivorsDisturbed=500 --assertMaxQueuedBytesPeak=2000000 --assertMaxPeerBytesPeak=200000 --assertMaxTrackerEntriesPeak=500 --assertMaxTrackerLinksPeak=1999", "True", "False"),
    ("fanout-tree-sim crash-80 --quiet --assertAttachedAfterMs=4500 --assertWholeAfterMs=6500 --assertMinSurvivorsDeliveredPct=100 --assertMinSurvivorsDisturbed=1000 --assertMaxQueuedBytesPeak=8000000 --assertMaxPeerBytesPeak=400000 --assertMaxTrackerEntriesPeak=500 --assertMaxTrackerLinksPeak=1999", "True", "False"),
    ("fanout-tree-sim flash-crowd --nodes=4000 --crowd=3000 --messages=200 --quiet --assertMinCrowdAttached=3000 --assertCrowdAttachP95Ms=1000 --assertWholeAfterMs=8000 --assertMinSurvivorsDeliveredPct=100 --assertMaxQueuedBytesPeak=8000000 --assertMaxPeerBytesPeak=400000 --assertMaxTrackerEntriesPeak=1000 --assertMaxTrackerLinksPeak=3999", "True", "False"),
    ("fanout-tree-sim partition --quiet --assertAttachedAfterMs=9500 --assertWholeAfterHealMs=10000 --assertMinSurvivorsDeliveredPct=100 --assertMinSurvivorsDisturbed=599 --assertMaxQueuedBytesPeak=8000000 --assertMaxPeerBytesPeak=400000 --assertMaxTrackerEntriesPeak=500 --assertMaxTrackerLinksPeak=1999", "True", "False"),
    ("fanout-tree-sim tracker-down --quiet --assertMinCrowdAttached=1000 --assertCrowdAttachP95Ms=2000 --assertMaxSurvivorsLoose=0 --assertMinSurvivorsDeliveredPct=100 --assertMaxQueuedBytesPeak=8000000 --assertMaxPeerBytesPeak=600000 --assertMaxTrackerEntriesPeak=500 --assertMaxTrackerLinksPeak=1999", "True", "False"),
    ("fanout-tree-sim herding --quiet --assertWholeAfterMs=4000 --assertMinSurvivorsDeliveredPct=100 --assertMinSurvivorsDisturbed=300 --assertMaxQueuedBytesPeak=1000000 --assertMaxPeerBytesPeak=100000 --assertMaxTrackerEntriesPeak=500 --assertMaxTrackerLinksPeak=1999", "True", "False"),
    ("fanout-tree-sim slow-relays --quiet --assertWholeAfterMs=6000 --assertMinSurvivorsDeliveredPct=100 --assertMinSurvivorsDisturbed=200 --assertMaxQueuedBytesPeak=1000000 --assertMaxPeerBytesPeak=100000 --assertMaxTrackerEntriesPeak=500 --assertMaxTrackerLinksPeak=1999", "True", "False"),
    ("fanout-tree-sim zombie-down --quiet --assertWholeAfterMs=2500 --assertMinSurvivorsDeliveredPct=100 --assertMinSurvivorsDisturbed=80 --assertMaxQueuedBytesPeak=1000000 --assertMaxPeerBytesPeak=100000 --assertMaxTrackerEntriesPeak=500 --assertMaxTrackerLinksPeak=1999", "True", "False"),
    ("fanout-tree-sim zombie-up --quiet --assertWholeAfterMs=4500 --assertMinSurvivorsDeliveredPct=100 --assertMinSurvivorsDisturbed=80 --assertMinFaultFrames=100 --assertMaxQueuedBytesPeak=1000000 --assertMaxPeerBytesPeak=100000 --assertMaxTrackerEntriesPeak=500 --assertMaxTrackerLinksPeak=1999", "True", "False"),
    ("fanout-tree-sim lost-kick --quiet --assertWholeAfterMs=3000 --assertMinSurvivorsDeliveredPct=100 --assertMinSurvivorsDisturbed=300 --assertMinFaultFrames=100 --assertMaxQueuedBytesPeak=1000000 --assertMaxPeerBytesPeak=100000 --assertMaxTrackerEntriesPeak=500 --assertMaxTrackerLinksPeak=1999", "True", "False"),
    ("fanout-tree-sim shuffled --messages=300 --quiet --assertMinDeliveryPct=100 --assertMaxLatencyMs=800 --assertMaxOverheadFactor=1.06 --assertMaxDuplicatePct=12 --assertMinFaultFrames=500000 --assertMinSurvivorsDeliveredPct=100 --assertMaxQueuedBytesPeak=1000000 --assertMaxPeerBytesPeak=100000 --assertMaxTrackerEntriesPeak=500 --assertMaxTrackerLinksPeak=1999", "True", "False"),
    ("fanout-tree-sim live --underlay=isp --nodes=500 --quiet --assertMinJoinedPct=100 --assertMinDeliveryPct=99.9 --assertMinDeadlineDeliveryPct=99.9 --assertMaxOverheadFactor=1.05 --assertMaxControlBpp=0.01", "False", "False"),
    ("fanout-tree-sim scale-10k --quiet --assertMinJoinedPct=100 --assertMinDeliveryPct=100 --assertMinDeadlineDeliveryPct=99.9 --assertMaxOverheadFactor=1.02 --assertMaxControlBpp=0.15 --assertAttachOwnP95Ms=1000", "False", "False"),
    ("fanout-tree-sim flash-crowd --quiet --assertMinCrowdAttached=10000 --assertCrowdAttachP95Ms=1000 --assertWholeAfterMs=8000 --assertMinSurvivorsDeliveredPct=100 --assertMaxTrackerEntriesPeak=3000 --assertMaxTrackerLinksPeak=11999", "False", "False"),
]

# (script, run it by default)
python_examples = []
