-- The provider's values from which roles are made anew at each request, by the mapping of that moment; before, it was the roles as
-- they were at sign-in. Whoever signed in with a provider signs in again.
delete from sessions where how = 'oidc';
alter table sessions rename column roles to groups;
-- Which provider said so: another one's groups are others.
alter table sessions add column issuer text;
