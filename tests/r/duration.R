# R's answers about times to an event: src/beforeafter/estimates/time. Base R
# and the package survival (Debian: r-cran-survival).
#
#   Rscript tests/r/duration.R        from the root of the repository
#
# writes every data set to tests/r/data/ and every answer to tests/r/duration.csv, which
# tests/beforeafter/estimates/time reads: the tests need no R. Answers are computed from the files
# just written, so that R and Python see the same digits. NA: R gives no number.

library(survival)
stopifnot(file.exists("data/study.yml"))
options(digits = 15, warn = 2)

folder <- "tests/r/data"
answers <- data.frame()

answer <- function(dataset, values) {
  rows <- data.frame(dataset, statistic = names(values), value = unlist(values), row.names = NULL)
  answers <<- rbind(answers, rows)
}

through_file <- function(dataset, data) {
  file <- file.path(folder, paste0(dataset, ".csv"))
  write.csv(data, file, row.names = FALSE, na = "", quote = FALSE)
  read.csv(file)
}

# ---- Exact times ---------------------------------------------------------------------------------

# survival takes the middle of the interval on which the curve is exactly one half; lifelines, and
# the definition inf {t: S(t) <= 1/2}, its beginning. beforeafter follows the definition.
first_below_half <- function(time, curve) {
  below <- which(!is.na(curve) & curve <= 0.5 + 1e-9)
  if (length(below)) time[below[1]] else NA
}

# Standard deviation of min(T, horizon) under the curve, with n - 1 as of a sample. `duration`
# asserts that without censoring before the horizon it is that of the observed times.
spread <- function(fit, horizon) {
  ends <- c(0, fit$time, horizon)
  heights <- c(1, fit$surv)
  variance <- sum(heights * diff(ends^2)) - sum(heights * diff(ends))^2
  sqrt(max(variance, 0) * fit$n / (fit$n - 1))
}

duration <- function(dataset, data, horizon, level = 0.95) {
  data <- through_file(dataset, data)
  data <- data[complete.cases(data), ]
  time <- pmin(data$time, horizon)
  event <- data$event & data$time <= horizon
  fit <- survfit(Surv(time, event) ~ 1, conf.type = "log-log", conf.int = level)
  # Not extended, as beforeafter extends no curve: every data set here is followed to its horizon
  # or to zero.
  stopifnot(max(time) == horizon | tail(fit$surv, 1) == 0)
  at_horizon <- summary(fit, times = horizon, extend = TRUE)
  table <- summary(fit, rmean = horizon)$table
  z <- qnorm((1 + level) / 2)
  if (all(data$event | data$time >= horizon)) {
    stopifnot(all.equal(spread(fit, horizon), sd(time)), all.equal(table[["rmean"]], mean(time)))
  }
  ticks <- seq(0, horizon, horizon / 6)
  at <- summary(fit, times = ticks, extend = TRUE)
  answer(dataset, c(
    list(n_observed = length(time),
         n_events = sum(event),
         event_free.proportion = at_horizon$surv,
         event_free.lower = at_horizon$lower,
         event_free.upper = at_horizon$upper,
         restricted.mean = table[["rmean"]],
         restricted.standard_deviation = spread(fit, horizon),
         restricted.standard_error = table[["se(rmean)"]],
         # survival prints no interval for the restricted mean: the usual normal one.
         restricted.lower = table[["rmean"]] - z * table[["se(rmean)"]],
         restricted.upper = table[["rmean"]] + z * table[["se(rmean)"]],
         median = first_below_half(fit$time, fit$surv),
         median_lower = first_below_half(fit$time, fit$lower),
         median_upper = first_below_half(fit$time, fit$upper),
         median_of_survival = table[["median"]],
         naive.all_as_ended = mean(time),
         naive.ended_only = mean(time[event])),
    setNames(at$n.risk, paste0("at_risk.", ticks)),
    setNames(at$surv, paste0("share.", ticks)),
    setNames(at$lower, paste0("lower.", ticks)),
    setNames(at$upper, paste0("upper.", ticks))
  ))
}

duration("censored", horizon = 6, data.frame(
  time  = c(1, 1, 2, 2, 2, 3, 3, 3.5, 4, 4, 4.25, 5, 5, 5, 6, 6, 6, 7, 9, NA),
  event = c(TRUE, FALSE, TRUE, TRUE, FALSE, TRUE, TRUE, FALSE, TRUE, FALSE, TRUE, TRUE, FALSE,
            FALSE, TRUE, FALSE, FALSE, TRUE, FALSE, NA)
))
duration("complete", horizon = 6, level = 0.90, data.frame(
  time  = c(0.5, 1, 1, 1, 2, 2.5, 3, 3, 4, 5, 6, 6, 8, 11, 12),
  event = c(rep(TRUE, 11), FALSE, TRUE, TRUE, FALSE)
))
duration("all_censored", horizon = 6, data.frame(time = c(1, 2, 3, 6), event = rep(FALSE, 4)))
duration("events_at_zero", horizon = 6, data.frame(
  time  = c(0, 0, 0, 0, 1, 2, 2, 3, 4, 5, 6, 6, 6),
  event = c(TRUE, TRUE, TRUE, FALSE, TRUE, TRUE, FALSE, TRUE, TRUE, FALSE, FALSE, FALSE, FALSE)
))
# The last patient at risk has the event before the horizon: the curve ends at zero.
duration("to_zero", horizon = 6, data.frame(
  time = c(1, 2, 3, 3, 4, 5), event = c(TRUE, TRUE, FALSE, TRUE, TRUE, TRUE)
))
# Half the patients have the event by 2.5: the curve is exactly one half until the next event. As
# a product of floating factors it is 0.5000000000000001.
duration("half", horizon = 6, data.frame(time = 1:6 * 5 / 6, event = rep(TRUE, 6)))
duration("lung", horizon = 365, data.frame(time = lung$time, event = lung$status == 2))
duration("aml", horizon = 24, data.frame(time = aml$time, event = aml$status == 1))
# The reconstructed cohort as it was when this script last ran.
cohort <- read.csv("data/cohort.csv")
duration("cohort_relief", horizon = 6, data.frame(
  time = cohort$relief_months, event = as.logical(cohort$recurrence_observed)
))

# ---- Times known to an interval ------------------------------------------------------------------

# Turnbull's self-consistent curve. survival's own stops when no height moves by more than 5e-5:
# its answer is checked here, and its iteration then taken to the end, in the plainest form. Mass
# may move only from each lower end that is followed by an upper one to that upper one.
self_consistent <- function(lower, upper) {
  ends <- rbind(data.frame(time = lower, order = ifelse(lower == upper, 0, 2)),
                data.frame(time = upper, order = 1))
  ends <- ends[order(ends$time, ends$order), ]
  gap <- which(head(ends$order, -1) != 1 & tail(ends$order, -1) == 1)
  left <- ends$time[gap]
  right <- ends$time[gap + 1]
  inside <- outer(seq_along(lower), seq_along(left), function(i, j) {
    ifelse(lower[i] == upper[i], left[j] == lower[i] & right[j] == lower[i],
           left[j] >= lower[i] & right[j] <= upper[i] & !(left[j] == right[j] & left[j] == lower[i]))
  }) * 1
  mass <- rep(1 / length(left), length(left))
  for (step in 1:200000) {
    share <- t(t(inside) * mass)
    new <- colMeans(share / rowSums(share))
    if (max(abs(new - mass)) < 1e-16) break
    mass <- new
  }
  # Kuhn and Tucker: no gap would gain by more mass.
  stopifnot(colMeans(inside / as.vector(inside %*% mass)) < 1 + 1e-8)
  data.frame(left, right, mass)
}

interval <- function(dataset, data, horizon, times) {
  data <- through_file(dataset, data)
  lower <- data$lower
  upper <- ifelse(is.na(data$upper), Inf, data$upper)
  found <- self_consistent(lower, upper)
  fit <- survfit(Surv(lower, ifelse(is.finite(upper), upper, NA), type = "interval2") ~ 1)
  # Its steps are in the middle of the gaps: between the gaps the two curves are one.
  stopifnot(all.equal(
    summary(fit, times = found$right[is.finite(found$right)], extend = TRUE)$surv,
    (1 - cumsum(found$mass))[is.finite(found$right)], tolerance = 2e-3
  ))
  exact <- found$left == found$right
  least <- sapply(times, function(t) sum(found$mass[found$left > t | (found$left == t & !exact)]))
  greatest <- sapply(times, function(t) sum(found$mass[found$right > t]))
  half <- which(cumsum(found$mass) >= 0.5 - 1e-9)[1]
  answer(dataset, c(
    setNames(least, paste0("least.", times)),
    setNames(greatest, paste0("greatest.", times)),
    list(mean.least = sum(found$mass * pmin(found$left, horizon)),
         mean.greatest = sum(found$mass * pmin(found$right, horizon)),
         median.after = found$left[half],
         median.by = found$right[half])
  ))
}

# Whole months as completed, and as noticed at a visit, two patients at the first of all.
months <- data.frame(
  time  = c(0, 0, 1, 1, 2, 2, 2, 3, 3, 4, 4, 5, 5, 5, 6, 6, 6),
  event = c(TRUE, TRUE, TRUE, FALSE, TRUE, TRUE, FALSE, TRUE, FALSE, TRUE, FALSE, TRUE, TRUE, FALSE,
            FALSE, FALSE, FALSE)
)
interval("interval_completed", horizon = 6, times = c(1, 2.5, 6), with(months, data.frame(
  lower = time, upper = ifelse(event, time + 1, NA)
)))
interval("interval_noticed", horizon = 6, times = c(1, 2.5, 6), with(months, data.frame(
  lower = ifelse(event, pmax(time - 1, 0), time), upper = ifelse(event, time, NA)
)))
# Visits missed: intervals overlap, some of them exact.
interval("interval_overlapping", horizon = 10, times = c(2, 5, 7.5, 9), data.frame(
  lower = c(0, 0, 1, 2, 2, 3, 3, 4, 4, 5, 6, 6, 7, 2, 5, 0, 8, 3),
  upper = c(2, 4, 3, 2, 6, 5, 8, 7, NA, 5, 9, NA, 10, 9, 8, 1, NA, NA)
))
set.seed(20240601, kind = "Mersenne-Twister", normal.kind = "Inversion", sample.kind = "Rejection")
ends <- round(rexp(150, 1 / 4), 2)
visits <- t(apply(matrix(rexp(750, 1 / 2), 150), 1, cumsum))
seen <- sapply(1:150, function(i) sum(visits[i, ] < ends[i]))
visits <- round(cbind(0, visits, NA), 1)
interval("interval_visits", horizon = 6, times = c(1, 3, 6), data.frame(
  lower = visits[cbind(1:150, seen + 1)], upper = visits[cbind(1:150, seen + 2)]
))

answers$value <- ifelse(is.na(answers$value), "NA", sprintf("%.15g", answers$value))
write.csv(answers, "tests/r/duration.csv", row.names = FALSE, quote = FALSE)
