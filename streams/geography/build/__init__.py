"""Building the tables of `streams.geography` from Natural Earth, GeoNames, CLDR and ISO 3166."""
