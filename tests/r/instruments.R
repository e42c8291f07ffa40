# R's scores of the questionnaires in data/instruments. Base R and the package psych.
#
#   Rscript tests/r/instruments.R        from the root of the repository
#
# writes the answers to tests/r/data/items_*.csv and the score of every patient to
# tests/r/instruments.csv, which tests/beforeafter/records/test_scoring.py reads: the tests need no
# R. The name of a statistic is the score and the row of the patient. NA: too few items answered.
# The data are drawn; nothing here reads data/instruments, so that a slip there would have to be
# made twice.

suppressPackageStartupMessages(library(psych))
stopifnot(file.exists("data/study.yml"))
options(digits = 15, warn = 2)
set.seed(20240601)

folder <- "tests/r/data"
answers <- data.frame()

answer <- function(dataset, score, values) {
  rows <- data.frame(dataset, statistic = paste(score, seq_along(values), sep = "."),
                     value = unname(values))
  answers <<- rbind(answers, rows)
}

through_file <- function(dataset, data) {
  file <- file.path(folder, paste0("items_", dataset, ".csv"))
  write.csv(data, file, row.names = FALSE, na = "", quote = FALSE)
  read.csv(file, check.names = FALSE)
}

draw <- function(patients, codes, missing) {
  columns <- lapply(codes, function(code) {
    drawn <- sample(code, patients, replace = TRUE)
    ifelse(runif(patients) < missing, NA, drawn)
  })
  setNames(as.data.frame(columns), names(codes))
}

# psych takes the mean of what is answered: missing items count as the mean of the others.
means <- function(data, items) {
  alone <- data[items]
  if (length(items) == 1) return(alone[[1]])
  keys <- list(score = items)
  # It also estimates reliabilities, which drawn answers give it reason to warn about.
  made <- suppressMessages(suppressWarnings(
    scoreItems(keys, data, totals = FALSE, impute = "none", min = 0, max = 10, digits = 15)
  ))
  made$scores[, 1]
}
answered <- function(data, items) rowSums(!is.na(data[items]))
unless <- function(enough, values) ifelse(enough, values, NA)

# ---- Sums of seven items, prorated from four on ---------------------------------------------------

hads <- through_file("hads", rbind(
  draw(80, setNames(rep(list(0:3), 14), 1:14), 0.3),
  draw(20, setNames(rep(list(0:3), 14), 1:14), 0),
  setNames(as.data.frame(t(rep(0, 14))), 1:14),
  setNames(as.data.frame(t(rep(3, 14))), 1:14)
))
for (score in c("anxiety", "depression")) {
  items <- as.character(if (score == "anxiety") seq(1, 13, 2) else seq(2, 14, 2))
  answer("hads", score, unless(answered(hads, items) >= 4, 7 * means(hads, items)))
}

# ---- A sum of ten items, and means of one to three ------------------------------------------------

npsi_codes <- setNames(rep(list(0:10), 12), 1:12)
npsi_codes[c("4", "7")] <- list(1:5)
npsi <- through_file("npsi", rbind(draw(60, npsi_codes, 0.08), draw(30, npsi_codes, 0)))
npsi_scores <- list(burning = 1, pressing = 2:3, paroxysmal = 5:6, evoked = 8:10,
                    paraesthesia = 11:12)
for (score in names(npsi_scores)) {
  items <- as.character(npsi_scores[[score]])
  answer("npsi", score, unless(answered(npsi, items) == length(items), means(npsi, items)))
}
# NA if any is missing.
answer("npsi", "total", rowSums(npsi[as.character(unlist(npsi_scores))]))

# ---- Weighted indicators, as the manual has them --------------------------------------------------

# Items in the order of the form, with the number of their answers. Those of `turned` are counted
# from the worst answer before indicators are made.
items <- c(GH1 = 5, PF02 = 3, PF04 = 3, RP2 = 2, RP3 = 2, RE2 = 2, RE3 = 2, BP2 = 5, MH3 = 6,
           VT2 = 6, MH4 = 6, SF2 = 5)
turned <- c("GH1", "BP2", "MH3", "VT2")
physical <- c(
  PF02_1 = -7.23216, PF02_2 = -3.45555, PF04_1 = -6.24397, PF04_2 = -2.73557,
  RP2_1 = -4.61617, RP3_1 = -5.51747,
  BP2_1 = -11.25544, BP2_2 = -8.38063, BP2_3 = -6.50522, BP2_4 = -3.80130,
  GH1_1 = -8.37399, GH1_2 = -5.56461, GH1_3 = -3.02396, GH1_4 = -1.31872,
  VT2_1 = -2.44706, VT2_2 = -2.02168, VT2_3 = -1.61850, VT2_4 = -1.14387, VT2_5 = -0.42251,
  SF2_1 = -0.33682, SF2_2 = -0.94342, SF2_3 = -0.18043, SF2_4 = 0.11038,
  RE2_1 = 3.04365, RE3_1 = 2.32091,
  MH3_1 = 3.46638, MH3_2 = 2.90426, MH3_3 = 2.37241, MH3_4 = 1.36689, MH3_5 = 0.66514,
  MH4_1 = 4.61446, MH4_2 = 3.41593, MH4_3 = 2.34247, MH4_4 = 1.28044, MH4_5 = 0.41188
)
mental <- c(
  PF02_1 = 3.93115, PF02_2 = 1.86840, PF04_1 = 2.68282, PF04_2 = 1.43103,
  RP2_1 = 1.44060, RP3_1 = 1.66968,
  BP2_1 = 1.48619, BP2_2 = 1.76691, BP2_3 = 1.49384, BP2_4 = 0.90384,
  GH1_1 = -1.71175, GH1_2 = -0.16891, GH1_3 = 0.03482, GH1_4 = -0.06064,
  VT2_1 = -6.02409, VT2_2 = -4.88962, VT2_3 = -3.29805, VT2_4 = -1.65178, VT2_5 = -0.92057,
  SF2_1 = -6.29724, SF2_2 = -8.26066, SF2_3 = -5.63286, SF2_4 = -3.13896,
  RE2_1 = -6.82672, RE3_1 = -5.69921,
  MH3_1 = -10.19085, MH3_2 = -7.92717, MH3_3 = -6.31121, MH3_4 = -4.09842, MH3_5 = -1.94949,
  MH4_1 = -16.15395, MH4_2 = -10.77911, MH4_3 = -8.09914, MH4_4 = -4.59055, MH4_5 = -1.95934
)
stopifnot(identical(names(physical), names(mental)), length(physical) == sum(items - 1))

summary_score <- function(data, constant, weights) {
  names(data) <- names(items)
  for (item in turned) data[[item]] <- items[[item]] + 1 - data[[item]]
  indicator <- function(name) {
    part <- strsplit(name, "_")[[1]]
    as.numeric(data[[part[1]]] == as.numeric(part[2]))
  }
  constant + as.vector(sapply(names(weights), indicator) %*% weights)
}

best <- ifelse(names(items) %in% turned, 1, items)
# The best health, each other answer to one item alone, the worst health, and drawn ones.
alone <- do.call(rbind, lapply(seq_along(items), function(i) {
  others <- setdiff(seq_len(items[[i]]), best[i])
  t(sapply(others, function(code) replace(best, i, code)))
}))
worst <- ifelse(names(items) %in% turned, items, 1)
codes <- setNames(lapply(items, seq_len), 1:12)
sf12 <- through_file("sf12", rbind(
  setNames(as.data.frame(rbind(best, alone, worst)), 1:12), draw(40, codes, 0), draw(15, codes, 0.1)
))
answer("sf12", "physical", summary_score(sf12, 56.57706, physical))
answer("sf12", "mental", summary_score(sf12, 60.75781, mental))

answers$value <- ifelse(is.na(answers$value), "NA", sprintf("%.15g", answers$value))
write.csv(answers, "tests/r/instruments.csv", row.names = FALSE, quote = FALSE)
