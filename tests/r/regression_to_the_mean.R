# R's answers to the questions of src/beforeafter/sensitivity/regression_to_the_mean.py.
# Base R only.
#
#   Rscript tests/r/regression_to_the_mean.R        from the root of the repository
#
# writes tests/r/regression_to_the_mean.csv and the data sets it names to tests/r/data/;
# tests/beforeafter/sensitivity/test_regression_to_the_mean.py reads both and needs no R. Answers
# are computed from the files just written. Names of statistics are names of fields in beforeafter. NA: none.

stopifnot(file.exists("data/study.yml"))
options(digits = 15, warn = 2)
set.seed(20240601, kind = "Mersenne-Twister", normal.kind = "Inversion", sample.kind = "Rejection")
answers <- data.frame()

answer <- function(dataset, prefix, values) {
  names <- paste(prefix, names(values), sep = ".")
  answers <<- rbind(answers, data.frame(dataset, statistic = names, value = unlist(values)))
}

limits <- function(values, level) {
  test <- t.test(values, conf.level = level)
  list(mean = unname(test$estimate), lower = test$conf.int[1], upper = test$conf.int[2])
}

mean_change <- function(values, level) {
  test <- t.test(values, conf.level = level)
  c(n_patients = length(values), limits(values, level),
    standard_error = test$stderr, p = test$p.value)
}

# Fieller's limits as he defined them: the ratios that a t-test of numerator - ratio * denominator
# does not reject. Searched from the estimate outwards, where no closed form is taken over.
fieller <- function(above, below, level) {
  n <- length(above)
  ratio <- mean(above) / mean(below)
  critical <- qt((1 + level) / 2, n - 1)
  t_of <- function(theta) mean(above - theta * below) / (sd(above - theta * below) / sqrt(n))
  # Far out t tends to that of the denominator: below the critical value no ratio is ever rejected.
  if (abs(mean(below)) / (sd(below) / sqrt(n)) <= critical) return(c(ratio, NA, NA))
  one_side <- function(direction) {
    step <- 1
    while (abs(t_of(ratio + direction * step)) < critical) step <- 2 * step
    uniroot(function(x) abs(t_of(ratio + direction * x)) - critical, c(0, step), tol = 1e-14)$root
  }
  c(ratio, ratio - one_side(-1), ratio + one_side(1))
}

regression <- function(dataset, data, means, published, level = 0.95) {
  file <- file.path("tests/r/data", paste0(dataset, ".csv"))
  write.csv(data, file, row.names = FALSE, na = "", quote = FALSE)
  data <- na.omit(read.csv(file))
  x <- data$baseline
  y <- data$follow_up
  answer(dataset, "observed", mean_change(y - x, level))
  for (mu in means) {
    prefix <- paste0("towards.mean_", mu)
    enough <- fieller(y - mu, x - mu, level)
    answer(dataset, paste0(prefix, ".sufficient"),
           list(reliability = enough[1], lower = enough[2], upper = enough[3]))
    line <- lm(y ~ x, data.frame(x = x - mu, y = y - mu))
    answer(dataset, paste0(prefix, ".own_slope"),
           list(slope = coef(line)[["x"]], mean = coef(line)[["(Intercept)"]],
                lower = confint(line, level = level)[1, 1],
                upper = confint(line, level = level)[1, 2],
                p = summary(line)$coefficients[1, 4]))
    for (at in names(published)) {
      r <- published[[at]]
      share <- fieller(-(1 - r) * (x - mu), y - x, level)
      answer(dataset, paste(prefix, at, sep = "."), list(alone = -(1 - r) * (mean(x) - mu)))
      answer(dataset, paste(prefix, at, "share", sep = "."),
             list(proportion = share[1], lower = share[2], upper = share[3]))
      answer(dataset, paste(prefix, at, "beyond", sep = "."),
             mean_change(y - x + (1 - r) * (x - mu), level))
    }
  }
  for (at in names(published)) {
    needed <- x + (y - x) / (1 - published[[at]])
    answer(dataset, sub("at_", "needed_at_", at), limits(needed, level))
  }
}

published <- list(at_lowest = 0.75, at_highest = 0.94)
cohort <- read.csv("data/cohort.csv")
regression("regression_cohort", means = c(4, 5, 6), published = published,
           data.frame(baseline = cohort$nrs_day0, follow_up = cohort$nrs_day30))

# Patients above a cut, no effect; some lost. At 90%, to see the level in use.
x <- rnorm(1000, 5, 1.5)
y <- 5 + 0.6 * (x - 5) + rnorm(1000, 0, 1.2)
y[sample(1000, 60)] <- NA
chosen <- x > 6.5
regression("regression_selected", means = c(4, 5, 6), published = published, level = 0.9,
           data.frame(baseline = round(x[chosen], 3), follow_up = round(y[chosen], 3)))

# Few patients whose mean hardly changes, around the usual mean: ratios without limits.
regression("regression_unclear", means = c(4, 5, 6), published = published,
           data.frame(baseline = c(5, 7, 4, 6, 3, 6.5, 5), follow_up = c(6, 4, 5, 7, 2, 6, 4)))

answers$value <- ifelse(is.na(answers$value), "NA", sprintf("%.15g", answers$value))
write.csv(answers, "tests/r/regression_to_the_mean.csv", row.names = FALSE, quote = FALSE)
