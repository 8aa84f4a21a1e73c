-- Otherwise a search reads one by one what the last import added, until the table is vacuumed.
alter index assets_words set (fastupdate = off);
