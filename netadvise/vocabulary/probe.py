"""The facts of training probes: of one arm against the baseline, and of the study as a whole.

Every effect is oriented: positive is better, whatever the quantity. Intervals hold for new seeds and new examples.
"""

from __future__ import annotations

PROBE = """
about                   s  the baseline with its data, or one arm against it | study arm
stage                   s  of the study: where it is; of an arm: the last one it reached | baseline screen rate confirm
primary                 s  the quantity that verdicts are about: "loss", or the name of a metric
effort                  s  what the user asked for | quick screen confirm
place                   s  of an arm: "after features.2", "lstm(dropout=)", or the name of a group
variant                 s  class that was inserted: Dropout2d; of an argument its name: dropout=
rate                    n  the dropout's: share of what passes that is dropped
seeds                   n  pairs of runs, baseline and arm, that count; of a study: runs of the baseline
look                    n  which look at the data of this stage this is, from 1
looks                   n  how many looks are planned in this stage
last_look               b  no further look will be taken
level                   n  two-sided level of this look's interval, 5 % over all looks: what is called 95 %

effect                  n  of the arm on the primary quantity, each at its own early stop; positive is better
low                     n  lower end of its 95 % interval, widened for the looks taken
high                    n  upper end of the same interval
low_90                  n  lower end of its 90 % interval, for a test of equivalence with delta
high_90                 n  upper end of the same interval
low_80                  n  effect that is exceeded with 80 % confidence, one-sided
high_80                 n  effect that is not exceeded with 80 % confidence, one-sided
p_value                 n  two-sided, of no effect; not corrected for looks
standard_error          n  of the effect, over seeds and validation examples
delta                   n  smallest effect of interest, in units of the primary quantity
other_effect            n  on the other quantity: the loss where a metric is the primary one, the metric otherwise
other_low               n  lower end of its 95 % interval
other_high              n  upper end of the same interval
other_p_value           n  two-sided, of no effect on it
pairing                 n  correlation of arm and baseline over paired seeds
p_benefit               n  posterior probability that the effect is positive
cost_ratio              n  steps to the arm's own best, over those of the baseline
seeds_needed            n  about how many seeds would settle it; none where it is settled, or no number of seeds would
examples_needed         n  about how many validation examples it takes, where no number of seeds would settle it
chance_to_settle        n  probability that the looks to come settle it, told from the seeds so far; none after the last
smallest_detectable     n  effect that these seeds and examples would find in 80 of 100 studies
example_se              n  standard error that the choice of validation examples alone leaves; of a study: in a
                        comparison of two arms that differ in nothing

capped_share            n  share of runs whose best step was among the last ones when their steps ended
diverged_share          n  share of runs whose loss grew without bound or was no number
crashed_share           n  share of runs that ended in an error
bn_shift                n  largest ratio, of either to the other, of the variance that a batch norm meets in
                        evaluation mode and the one that it stores
upstream_of_batchnorm   b  the dropout stands before a batch norm

budget_steps            n  steps of one full run
best_step               n  median over the baseline's runs of the step with the lowest validation loss
best_inside_share       n  share of the baseline's runs whose best step lies before the end of the budget
still_falling           b  at least half of the baseline's runs have their best step at the end of the budget
steps_needed            n  steps that it would take at least to see it overfit, told from its curve; none where
                        the curve shows no turn
gap                     n  validation loss less training loss of the baseline at its best step, both in evaluation mode
gap_se                  n  standard error of gap
rise                    n  validation loss of the baseline at the end of the budget less that at its best step
rise_se                 n  standard error of rise
train_loss              n  of the baseline at its best step, in evaluation mode
validation_loss         n  the same on validation data
trivial_loss            n  of the best constant prediction
train_loss_ratio        n  train_loss / trivial_loss
one_batch_ratio         n  loss after training on one batch alone, over the loss before
one_batch_finite        b  that loss is a number
one_batch_falling       b  it still fell when that training ended
replicate_sd            n  standard deviation of the validation loss between runs of one seed; 0: they repeat exactly
seed_sd                 n  standard deviation of the baseline's validation loss at its best step, over seeds
eval_leak               n  largest difference between two evaluations of one batch in evaluation mode
duplicate_share         n  share of validation examples that are training examples as well
train_examples          n  in the training data, copies too
validation_examples     n  in the validation data, copies too
"""
