//! Which endpoints do so much worse than the others that they are taken out.
//! After gRFC A50. Pure.

use std::time::Duration;

/// When endpoints are ejected, and for how long.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct OutlierRules {
    /// How often success rates are compared.
    pub(crate) interval: Duration,
    pub(crate) base_ejection: Duration,
    pub(crate) max_ejection: Duration,
    /// Of all endpoints, how many may be out at a time.
    pub(crate) max_percent: u32,
    /// Failures in a row; an endpoint that fails so often is out at once.
    pub(crate) consecutive_failures: u32,
    pub(crate) success_rate: Option<SuccessRate>,
    pub(crate) failure_percentage: Option<FailurePercentage>,
}

/// Out is whose success rate is so many deviations below the mean.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct SuccessRate {
    /// In thousandths.
    pub(crate) stdev_factor: u32,
    pub(crate) minimum_hosts: u32,
    pub(crate) request_volume: u32,
}

/// Out is who fails more than such a share of its calls.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct FailurePercentage {
    pub(crate) threshold: u32,
    pub(crate) minimum_hosts: u32,
    pub(crate) request_volume: u32,
}

impl Default for OutlierRules {
    fn default() -> Self {
        Self {
            interval: Duration::from_secs(10),
            base_ejection: Duration::from_secs(30),
            max_ejection: Duration::from_secs(300),
            max_percent: 50,
            consecutive_failures: 5,
            success_rate: Some(SuccessRate::default()),
            failure_percentage: Some(FailurePercentage::default()),
        }
    }
}

impl Default for SuccessRate {
    fn default() -> Self {
        Self {
            stdev_factor: 1_900,
            minimum_hosts: 5,
            request_volume: 100,
        }
    }
}

impl Default for FailurePercentage {
    fn default() -> Self {
        Self {
            threshold: 50,
            minimum_hosts: 2,
            request_volume: 20,
        }
    }
}

impl OutlierRules {
    /// How many of so many endpoints may be out: never the last one.
    pub(crate) fn most_out(&self, endpoints: usize) -> usize {
        let share = endpoints * self.max_percent as usize / 100;
        share.min(endpoints.saturating_sub(1))
    }

    /// Who is to go, the worst first, by each one's calls and failures.
    pub(crate) fn outliers(&self, totals: &[(u64, u64)]) -> Vec<usize> {
        let mut out = Vec::new();
        if let Some(rule) = &self.success_rate {
            rule.find(totals, &mut out);
        }
        if let Some(rule) = &self.failure_percentage {
            rule.find(totals, &mut out);
        }
        let rate = |index: &usize| success_rate(totals[*index]);
        out.sort_by(|a, b| rate(a).total_cmp(&rate(b)).then(a.cmp(b)));
        out.dedup();
        out
    }
}

impl SuccessRate {
    fn find(&self, totals: &[(u64, u64)], out: &mut Vec<usize>) {
        let judged = judged(totals, self.request_volume);
        if judged.len() < (self.minimum_hosts as usize).max(2) {
            return;
        }
        #[allow(clippy::cast_precision_loss)]
        let count = judged.len() as f64;
        let rates = || judged.iter().map(|index| success_rate(totals[*index]));
        let mean = rates().sum::<f64>() / count;
        let variance = rates().map(|rate| (rate - mean).powi(2)).sum::<f64>() / count;
        let bound = mean - variance.sqrt() * f64::from(self.stdev_factor) / 1_000.0;
        // A hair below the others is no outlier: without deviation the bound
        // is the mean itself, and rounding decides.
        out.extend(
            judged
                .iter()
                .filter(|i| success_rate(totals[**i]) < bound - 1e-9),
        );
    }
}

impl FailurePercentage {
    fn find(&self, totals: &[(u64, u64)], out: &mut Vec<usize>) {
        let judged = judged(totals, self.request_volume);
        if judged.len() < self.minimum_hosts as usize {
            return;
        }
        out.extend(judged.into_iter().filter(|index| {
            let (calls, failures) = totals[*index];
            failures * 100 > calls * u64::from(self.threshold)
        }));
    }
}

fn judged(totals: &[(u64, u64)], volume: u32) -> Vec<usize> {
    let enough = |(_, (calls, _)): &(usize, &(u64, u64))| *calls >= u64::from(volume.max(1));
    let judged = totals.iter().enumerate().filter(enough);
    judged.map(|(index, _)| index).collect()
}

#[allow(clippy::cast_precision_loss)]
fn success_rate((calls, failures): (u64, u64)) -> f64 {
    1.0 - failures as f64 / calls.max(1) as f64
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn one_that_fails_most_is_out_and_one_with_few_calls_is_not_judged() {
        let rules = OutlierRules::default();
        let totals = [(100, 1), (100, 0), (100, 80), (10, 10), (100, 2), (100, 0)];
        assert_eq!(rules.outliers(&totals), [2]);
    }

    #[test]
    fn a_rate_far_below_the_others_is_out_without_failing_half() {
        let rules = OutlierRules::default();
        let mut totals = vec![(1_000, 5); 9];
        totals.push((1_000, 200));
        assert_eq!(rules.outliers(&totals), [9]);
        // Where all do badly there is no outlier among them.
        assert!(rules.outliers(&[(1_000, 200); 10]).is_empty());
    }

    proptest! {
        #[test]
        fn never_the_last_and_never_more_than_the_share(
            endpoints in 0_usize..300,
            max_percent in 0_u32..=100,
        ) {
            let rules = OutlierRules { max_percent, ..OutlierRules::default() };
            let most = rules.most_out(endpoints);
            prop_assert!(most * 100 <= endpoints * max_percent as usize);
            prop_assert!(endpoints == 0 || most < endpoints);
        }

        #[test]
        fn who_never_failed_is_never_an_outlier(
            totals in proptest::collection::vec((0_u64..500, 0_u64..500), 0..12),
        ) {
            let totals: Vec<_> = totals.into_iter().map(|(a, b)| (a.max(b), a.min(b))).collect();
            for index in OutlierRules::default().outliers(&totals) {
                prop_assert!(totals[index].1 > 0);
            }
        }
    }
}
