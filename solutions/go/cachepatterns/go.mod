module cutaway/solutions/cachepatterns

go 1.24
