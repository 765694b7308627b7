-- What concerns the ways into an account makes a letter.
INSERT INTO shared.subscription (kind, consumer) VALUES ('account.access_changed', 'notification');
