-- What version 0.1.0, the first with a schema (00001), left behind: a run that waits for approval, one that is parked, an edited
-- draft of a live flow, one that was never published with a sample, a secret, people and what they saw. Never changed.
PRAGMA auto_vacuum=2;
BEGIN TRANSACTION;
CREATE TABLE alerts (
  fingerprint TEXT PRIMARY KEY,
  flow        TEXT NOT NULL,
  place       TEXT NOT NULL,
  thread      TEXT NOT NULL,
  since       INTEGER NOT NULL,
  count       INTEGER NOT NULL,
  runs        TEXT NOT NULL,
  state       TEXT NOT NULL,
  muted_until INTEGER NOT NULL,
  muted_by    TEXT NOT NULL,
  last        TEXT,
  resolved_by TEXT NOT NULL,
  resolved_at INTEGER NOT NULL,
  edition     INTEGER NOT NULL
) STRICT;
INSERT INTO "alerts" VALUES('fails|put|forbidden|denied|0|','fails','["console","","#general"]','',1795465187756,1,'[{"run":"01a20a10-91a8-7c56-83cd-e70494b3c93e","number":2,"path":"put","at":1795465187756,"state":"failing"}]','open',0,'','{"step":"put","index":1,"action":"http.request","failure":{"class":"forbidden","code":"denied","msg":"{peer} is inside a private network","args":{"peer":"127.0.0.1:1"},"hint":"If you mean a machine in your own network, set allow_private: true on this step.","peer":"127.0.0.1:1"}}','',0,1);
CREATE TABLE audit (
  row    INTEGER PRIMARY KEY,
  at     INTEGER NOT NULL,
  actor  TEXT NOT NULL,
  what   TEXT NOT NULL,
  object TEXT NOT NULL,
  detail TEXT NOT NULL,
  hash   BLOB NOT NULL                    -- over the hash before and this row
) STRICT;
INSERT INTO "audit" VALUES(1,1795465187565,'operator','channel.added','channel/#general','lang=',X'E877CCA8E9DAED26CEC11A46EF6B16775D8D2E7402DD2860C0D7CD0D534D7539');
INSERT INTO "audit" VALUES(2,1795465187592,'operator','person.added','person/01a20a10-9107-7c2b-8157-b6e805718a4f','role=admin',X'F4719A8074EF86F1CB2545E71E786CB199F5E56194A651A9F4FAE3F0D828C1E4');
INSERT INTO "audit" VALUES(3,1795465187602,'operator','group.set','group/team','members=01a20a10-9107-7c2b-8157-b6e805718a4f',X'BC17372DEA1A105898BB3D453C000654F4FAA60C35655C84D797330372505D4F');
INSERT INTO "audit" VALUES(4,1795465187631,'operator','secret.set','secret/hook_key','control',X'67DBC422B9144CB12DBBDFFDC937ED7E5B585EF6B9131CD00AAB655B23A92084');
INSERT INTO "audit" VALUES(5,1795465187660,'01a20a10-9107-7c2b-8157-b6e805718a4f','flow.published','flow/tour-asks@1','',X'65BF73C44A03F5E99D2D80A83CDFEC1E0C2158DB8DEA7CF0930256432D8E5DCB');
INSERT INTO "audit" VALUES(6,1795465187661,'01a20a10-9107-7c2b-8157-b6e805718a4f','flow.applied','flow/tour-asks','control',X'F9674CD693FA104DDD553C865F9C0C1CFF988E8C9F3E4F20556FE96F6995F48B');
INSERT INTO "audit" VALUES(7,1795465187684,'01a20a10-9107-7c2b-8157-b6e805718a4f','flow.published','flow/fails@1','',X'093CC99A0A773DA2C36D4D57E8D45684634B355A4A25C7687EA4E4688753E35F');
INSERT INTO "audit" VALUES(8,1795465187685,'01a20a10-9107-7c2b-8157-b6e805718a4f','flow.applied','flow/fails','control',X'3BE1403C67EECE62D54A569E7155F44E7EC3802388A5EE1C98F42F1F30EDF7E7');
INSERT INTO "audit" VALUES(9,1795465187703,'01a20a10-9107-7c2b-8157-b6e805718a4f','flow.applied','flow/tour-asks','control',X'6B44EA74CA0D5B9F24D29C5067A804C8DFF5CE8E4390F8686819011A78210BC9');
INSERT INTO "audit" VALUES(10,1795465187718,'01a20a10-9107-7c2b-8157-b6e805718a4f','flow.applied','flow/only-draft','control',X'4A9BCE94ECCC854EADF21B7EDCA3B79EDEC2E8D8851CD32942D8AAA27B5AA8F4');
CREATE TABLE audit_head (                 -- tells when rows at the end are missing
  one  INTEGER PRIMARY KEY CHECK (one = 1),
  row  INTEGER NOT NULL,
  hash BLOB
) STRICT;
INSERT INTO "audit_head" VALUES(1,10,X'4A9BCE94ECCC854EADF21B7EDCA3B79EDEC2E8D8851CD32942D8AAA27B5AA8F4');
CREATE TABLE cards (
  n       INTEGER PRIMARY KEY,
  id      TEXT NOT NULL UNIQUE,
  key     TEXT NOT NULL,
  place   TEXT NOT NULL,
  thread  TEXT NOT NULL,
  ref     TEXT NOT NULL,
  state   TEXT NOT NULL,
  hash    TEXT NOT NULL,
  card    TEXT,
  updated INTEGER NOT NULL,
  UNIQUE (key, place, thread)
) STRICT;
INSERT INTO "cards" VALUES(1,'01a20a10-9157-73c8-a538-b358471ef558','flow:tour-asks@1','["console","","#general"]','','m3633f24510d175f8dc6c4d08','resolved','949cafdb6cd47a101fc942c824764e251cadcaf6627c8bb759a304c7e936d212','{"Key":"flow:tour-asks@1","Tone":"live","Title":[{"Kind":5,"Text":"ann","URL":"","At":0,"How":0,"ID":"01a20a10-9107-7c2b-8157-b6e805718a4f","Ping":false},{"Kind":0,"Text":" published ","URL":"","At":0,"How":0,"ID":"","Ping":false},{"Kind":1,"Text":"tour-asks","URL":"","At":0,"How":0,"ID":"","Ping":false},{"Kind":0,"Text":", version 1","URL":"","At":0,"How":0,"ID":"","Ping":false}],"Buttons":[{"ID":"details","Label":"Show","Style":"","Token":"7208ece7988416b4f65750a5b22dd11a","URL":""}],"Menus":null,"Text":"▶ ann published tour-asks, version 1\n   A greeting that asks first\n   Starts when: webhook.received","State":"resolved","Lang":"en","Blocks":[{"para":{"Line":[{"Kind":0,"Text":"A greeting that asks first","URL":"","At":0,"How":0,"ID":"","Ping":false}]}},{"note":{"Line":[{"Kind":0,"Text":"Starts when: webhook.received","URL":"","At":0,"How":0,"ID":"","Ping":false}]}}]}',1795465187671);
INSERT INTO "cards" VALUES(2,'01a20a10-9165-7c6f-b4d0-447bf4f6e21f','flow:fails@1','["console","","#general"]','','m69b50e376a72bd593828e755','resolved','395205548bbfac09cbd394c75dfa4d9549146b2cf96e8acf42f29cc9a78671bf','{"Key":"flow:fails@1","Tone":"live","Title":[{"Kind":5,"Text":"ann","URL":"","At":0,"How":0,"ID":"01a20a10-9107-7c2b-8157-b6e805718a4f","Ping":false},{"Kind":0,"Text":" published ","URL":"","At":0,"How":0,"ID":"","Ping":false},{"Kind":1,"Text":"fails","URL":"","At":0,"How":0,"ID":"","Ping":false},{"Kind":0,"Text":", version 1","URL":"","At":0,"How":0,"ID":"","Ping":false}],"Buttons":[{"ID":"details","Label":"Show","Style":"","Token":"3588c82d7943ab41437a14ad9e0e2b8c","URL":""}],"Menus":null,"Text":"▶ ann published fails, version 1\n   One that fails\n   Starts when: webhook.received","State":"resolved","Lang":"en","Blocks":[{"para":{"Line":[{"Kind":0,"Text":"One that fails","URL":"","At":0,"How":0,"ID":"","Ping":false}]}},{"note":{"Line":[{"Kind":0,"Text":"Starts when: webhook.received","URL":"","At":0,"How":0,"ID":"","Ping":false}]}}]}',1795465187685);
INSERT INTO "cards" VALUES(3,'01a20a10-91a0-7188-856b-801119626c0f','ask:01a20a10-9198-7346-b7a8-2bee04257b01/review','["console","","#general"]','','m9c2586d350737869749313fa','open','f2c1a8833a59d293e56ef7c9b894123e5f7f7839dac67f5b4aa361edc6dcc952','{"Key":"ask:01a20a10-9198-7346-b7a8-2bee04257b01/review","Tone":"question","Title":[{"Kind":1,"Text":"tour-asks","URL":"","At":0,"How":0,"ID":"","Ping":false},{"Kind":0,"Text":" #1 · Greet Ada?","URL":"","At":0,"How":0,"ID":"","Ping":false}],"Buttons":[{"ID":"approve","Label":"Approve","Style":"primary","Token":"749f418e8e09f45d6be736751be7fb74","URL":""},{"ID":"edit","Label":"Edit and approve","Style":"","Token":"844e9d3d30e78ea6e58d4ce88c118c44","URL":""},{"ID":"deny","Label":"Deny","Style":"danger","Token":"2b18f790f848d31dd514c2d1fd5f3051","URL":""},{"ID":"details","Label":"Details","Style":"","Token":"a61375aa19e3f6ce61e796d81d344c8d","URL":""}],"Menus":null,"Text":"❓ tour-asks #1 · Greet Ada?\n   for @team, 1 needed\n   From  webhook.received /hooks/tour-asks, 20:19\n   Will  ▲ Post into #general\n     Hello Ada, what can I do for you?\n   Plan d380dca6","State":"open","Lang":"en","Blocks":[{"para":{"Line":[{"Kind":0,"Text":"for ","URL":"","At":0,"How":0,"ID":"","Ping":false},{"Kind":5,"Text":"@team","URL":"","At":0,"How":0,"ID":"","Ping":true},{"Kind":0,"Text":", 1 needed","URL":"","At":0,"How":0,"ID":"","Ping":false}]}},{"facts":{"Facts":[{"Label":"From","Value":[{"Kind":0,"Text":"webhook.received /hooks/tour-asks, ","URL":"","At":0,"How":0,"ID":"","Ping":false},{"Kind":4,"Text":"20:19","URL":"","At":1795465187736,"How":0,"ID":"","Ping":false}],"Risky":false},{"Label":"Will","Value":[{"Kind":0,"Text":"Post into #general","URL":"","At":0,"How":0,"ID":"","Ping":false}],"Risky":true}]}},{"pre":{"Text":"Hello Ada, what can I do for you?","Lang":"json"}},{"note":{"Line":[{"Kind":0,"Text":"Plan d380dca6","URL":"","At":0,"How":0,"ID":"","Ping":false}]}}]}',1795465187744);
INSERT INTO "cards" VALUES(4,'01a20a10-91ae-70c4-b10e-0f329e37c642','alert:fails|put|forbidden|denied|0|#1','["console","","#general"]','','m24a555c531415ef6bda24c00','open','617ffe2b64e6ec36fc9cda8df80108b09d898e10ccc0c36588176b860f58dfd1','{"Key":"alert:fails|put|forbidden|denied|0|#1","Tone":"bad","Title":[{"Kind":1,"Text":"fails","URL":"","At":0,"How":0,"ID":"","Ping":false},{"Kind":0,"Text":" · step 1 http.request fails · 1 run since ","URL":"","At":0,"How":0,"ID":"","Ping":false},{"Kind":4,"Text":"20:19","URL":"","At":1795465187756,"How":0,"ID":"","Ping":false},{"Kind":0,"Text":" (#2)","URL":"","At":0,"How":0,"ID":"","Ping":false}],"Buttons":[{"ID":"fix","Label":"Fix input","Style":"primary","Token":"1eb6901bb8113ba86658c4e7ea05c6f2","URL":""},{"ID":"retry","Label":"Retry","Style":"","Token":"35d0f6be218faa94ac6127d473cbcba8","URL":""},{"ID":"pause","Label":"Pause flow","Style":"danger","Token":"272c7b619884a8149dbac4b2f67a2020","URL":""},{"ID":"open","Label":"Open","Style":"","Token":"98e63e20b1c8e3c6a249b02b31338603","URL":""}],"Menus":[{"ID":"mute","Label":"Mute","Token":"6f1d1de2555541111859e705b33bbfe8","Options":[{"Value":"1h","Label":"for 1 hour","Help":""},{"Value":"8h","Label":"for 8 hours","Help":""},{"Value":"24h","Label":"for 1 day","Help":""},{"Value":"168h","Label":"for 7 days","Help":""},{"Value":"fixed","Label":"until it is fixed","Help":""}]}],"Text":"▲ fails · step 1 http.request fails · 1 run since 20:19 (#2)\n   @ann\n   127.0.0.1:1 is inside a private network. If you mean a machine in your own network, set allow_private: true on this step.\n   Sent    GET http://127.0.0.1:1/x\n   So far  nothing was sent\n   Next    these runs wait; new events still run; nothing is lost","State":"open","Lang":"en","Blocks":[{"para":{"Line":[{"Kind":5,"Text":"@ann","URL":"","At":0,"How":0,"ID":"01a20a10-9107-7c2b-8157-b6e805718a4f","Ping":true}]}},{"para":{"Line":[{"Kind":0,"Text":"127.0.0.1:1 is inside a private network. If you mean a machine in your own network, set allow_private: true on this step.","URL":"","At":0,"How":0,"ID":"","Ping":false}]}},{"facts":{"Facts":[{"Label":"Sent","Value":[{"Kind":0,"Text":"GET http://127.0.0.1:1/x","URL":"","At":0,"How":0,"ID":"","Ping":false}],"Risky":false},{"Label":"So far","Value":[{"Kind":0,"Text":"nothing was sent","URL":"","At":0,"How":0,"ID":"","Ping":false}],"Risky":false},{"Label":"Next","Value":[{"Kind":0,"Text":"these runs wait; new events still run; nothing is lost","URL":"","At":0,"How":0,"ID":"","Ping":false}],"Risky":false}]}}]}',1795465187758);
INSERT INTO "cards" VALUES(5,'01a20a10-91b2-721b-9850-8433ee0ba122','fail:01a20a10-91a8-7c56-83cd-e70494b3c93e/put','["console","","#general"]','m24a555c531415ef6bda24c00','mdab20e213b9e6d1ed20e10a3','resolved','273a5975ab399691ab592e42950ec42ef30795738f49916c19c64940c71ed78a','{"Key":"fail:01a20a10-91a8-7c56-83cd-e70494b3c93e/put","Tone":"bad","Title":[{"Kind":0,"Text":"#2 fails, ","URL":"","At":0,"How":0,"ID":"","Ping":false},{"Kind":4,"Text":"20:19","URL":"","At":1795465187756,"How":0,"ID":"","Ping":false},{"Kind":0,"Text":": 127.0.0.1:1 is inside a private network. If you mean a machine in your own network, set allow_private: true on this step.","URL":"","At":0,"How":0,"ID":"","Ping":false}],"Buttons":null,"Menus":null,"Text":"▲ #2 fails, 20:19: 127.0.0.1:1 is inside a private network. If you mean a machine in your own network, set allow_private: true on this step.","State":"resolved","Lang":"en","Blocks":[]}',1795465187762);
CREATE TABLE channels (
  place TEXT PRIMARY KEY,
  lang  TEXT NOT NULL,
  roles TEXT NOT NULL
) STRICT;
INSERT INTO "channels" VALUES('["console","","#general"]','','null');
CREATE TABLE cleared (
  flow    TEXT NOT NULL,
  version INTEGER NOT NULL,
  step    TEXT NOT NULL,
  PRIMARY KEY (flow, version, step)
) STRICT, WITHOUT ROWID;
CREATE TABLE cursors (
  trigger TEXT PRIMARY KEY,
  cursor  TEXT NOT NULL
) STRICT;
CREATE TABLE deliveries (
  n       INTEGER PRIMARY KEY,
  surface TEXT NOT NULL,
  id      TEXT NOT NULL,
  at      INTEGER NOT NULL,
  payload TEXT,
  done    INTEGER NOT NULL,
  UNIQUE (surface, id)
) STRICT;
CREATE TABLE entries (
  run     INTEGER NOT NULL,
  seq     INTEGER NOT NULL,
  at      INTEGER NOT NULL,
  kind    TEXT NOT NULL,
  path    TEXT NOT NULL,
  attempt INTEGER NOT NULL,
  by      TEXT NOT NULL,
  format  INTEGER NOT NULL,
  head    TEXT,
  PRIMARY KEY (run, seq)
) STRICT, WITHOUT ROWID;
INSERT INTO "entries" VALUES(1,1,1795465187736,'run.started','',0,'',1,'{"run":"01a20a10-9198-7346-b7a8-2bee04257b01","number":1,"flow":"tour-asks","version":1,"trigger":"tour-asks:webhook.received:1e68930417c2","editor":"01a20a10-9107-7c2b-8157-b6e805718a4f"}');
INSERT INTO "entries" VALUES(1,2,1795465187736,'ask.opened','review',0,'',1,'{"revision":1,"plan":"d380dca6f9620e79821c8224c62300fa5cd62a760c5959ce0d42908551d2b3b7","groups":["@team"],"need":1}');
INSERT INTO "entries" VALUES(2,1,1795465187752,'run.started','',0,'',1,'{"run":"01a20a10-91a8-7c56-83cd-e70494b3c93e","number":2,"flow":"fails","version":1,"trigger":"fails:webhook.received:cf84f64a7e95","editor":"01a20a10-9107-7c2b-8157-b6e805718a4f"}');
INSERT INTO "entries" VALUES(2,2,1795465187752,'step.started','put',1,'',1,NULL);
INSERT INTO "entries" VALUES(2,3,1795465187756,'step.failed','put',1,'',1,'{"class":"forbidden","code":"denied","msg":"{peer} is inside a private network","args":{"peer":"127.0.0.1:1"},"hint":"If you mean a machine in your own network, set allow_private: true on this step.","peer":"127.0.0.1:1"}');
INSERT INTO "entries" VALUES(2,4,1795465187756,'step.parked','put',1,'',1,'{"class":"forbidden","code":"denied","msg":"{peer} is inside a private network","args":{"peer":"127.0.0.1:1"},"hint":"If you mean a machine in your own network, set allow_private: true on this step.","peer":"127.0.0.1:1"}');
CREATE TABLE event_payloads (
  event INTEGER PRIMARY KEY,
  data  TEXT,
  blob  TEXT
) STRICT;
INSERT INTO "event_payloads" VALUES(3,'{"id":"01a20a10-91bb-77a0-b709-1611bf5c249f","key":"","at":1795465187771,"trigger":"webhook.received","data":{"body":{"name":"Ada"},"headers":{"accept-encoding":"gzip","content-length":"15","content-type":"application/json","user-agent":"Go-http-client/1.1"},"method":"POST","path":"only","query":{}}}',NULL);
CREATE TABLE events (
  n       INTEGER PRIMARY KEY,
  id      TEXT NOT NULL,
  flow    TEXT NOT NULL,
  trigger TEXT NOT NULL,                  -- trigger id
  kind    TEXT NOT NULL,
  key     TEXT NOT NULL,
  at      INTEGER NOT NULL,
  outcome TEXT NOT NULL,
  reason  TEXT NOT NULL,
  source  TEXT NOT NULL,                  -- who or what offered it
  run     INTEGER                         -- its entry 1 then holds the payload
) STRICT;
INSERT INTO "events" VALUES(1,'01a20a10-9198-731f-8238-792ab755de2d','tour-asks','tour-asks:webhook.received:1e68930417c2','webhook.received','',1795465187736,'accepted','','webhook',1);
INSERT INTO "events" VALUES(2,'01a20a10-91a8-7e45-b3c0-b100355dc2b7','fails','fails:webhook.received:cf84f64a7e95','webhook.received','k1',1795465187752,'accepted','','webhook',2);
INSERT INTO "events" VALUES(3,'01a20a10-91bb-77a0-b709-1611bf5c249f','only-draft','only-draft:webhook.received:e6a870e3dcc8','webhook.received','',1795465187771,'sample','','webhook',NULL);
CREATE TABLE flows (
  name      TEXT PRIMARY KEY,
  title     TEXT NOT NULL,
  state     TEXT NOT NULL,
  live      INTEGER NOT NULL,             -- number of the published version, 0: none
  place     TEXT NOT NULL,
  thread    TEXT NOT NULL,
  owner     TEXT NOT NULL,
  trigger   TEXT NOT NULL,
  changed   INTEGER NOT NULL,
  draft     TEXT,                         -- NULL: none
  draft_rev INTEGER NOT NULL,             -- 0: none
  draft_by  TEXT NOT NULL,
  revision  INTEGER NOT NULL              -- of the last draft there ever was: revisions never come twice
) STRICT;
INSERT INTO "flows" VALUES('tour-asks','A greeting that asks first','live',1,'["console","","#general"]','','01a20a10-9107-7c2b-8157-b6e805718a4f','webhook.received',1795465187702,'# Five minutes, part one: a flow that asks before it acts.
flow: tour-asks
title: A greeting that asks first
channel: "#general"
trigger:
  on: webhook.received
  with: {path: tour-asks, sender: unsigned}
steps:
  - id: review
    ask: approval
    covers: [greet]
    with:
      title: "Welcome {{ event.body.name }}?"
      by: {any: ["@team"], need: 1}
      edit: [greet.text]
  - id: greet
    do: chat.message.post
    with: {to: "#general", text: "Hello {{ event.body.name }}, what can I do for you?"}
',2,'01a20a10-9107-7c2b-8157-b6e805718a4f',2);
INSERT INTO "flows" VALUES('fails','One that fails','live',1,'["console","","#general"]','','01a20a10-9107-7c2b-8157-b6e805718a4f','webhook.received',1795465187684,NULL,0,'',1);
INSERT INTO "flows" VALUES('only-draft','Never published','draft',0,'["console","","#general"]','','01a20a10-9107-7c2b-8157-b6e805718a4f','webhook.received',1795465187718,'flow: only-draft
title: Never published
channel: "#general"
trigger: {on: webhook.received, with: {path: only, sender: unsigned}}
steps:
  - {id: note, set: {x: "{{ event.body.name }}"}}
',1,'01a20a10-9107-7c2b-8157-b6e805718a4f',1);
CREATE TABLE goose_db_version (
		id INTEGER PRIMARY KEY AUTOINCREMENT,
		version_id INTEGER NOT NULL,
		is_applied INTEGER NOT NULL,
		tstamp TIMESTAMP DEFAULT (datetime('now'))
	);
INSERT INTO "goose_db_version" VALUES(1,0,1,'2026-11-23 20:19:27');
INSERT INTO "goose_db_version" VALUES(2,1,1,'2026-11-23 20:19:27');
CREATE TABLE groups (
  name TEXT PRIMARY KEY
) STRICT;
INSERT INTO "groups" VALUES('team');
CREATE TABLE identities (
  surface   TEXT NOT NULL,
  workspace TEXT NOT NULL,
  user_id   TEXT NOT NULL,
  person    TEXT NOT NULL REFERENCES persons(id),
  PRIMARY KEY (surface, workspace, user_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE intents (
  token   TEXT PRIMARY KEY,
  card    TEXT NOT NULL,
  key     TEXT NOT NULL,
  verb    TEXT NOT NULL,
  run     TEXT NOT NULL,
  path    TEXT NOT NULL,
  plan    TEXT NOT NULL,
  flow    TEXT NOT NULL,
  data    TEXT,
  expires INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO "intents" VALUES('1eb6901bb8113ba86658c4e7ea05c6f2','01a20a10-91ae-70c4-b10e-0f329e37c642','alert:fails|put|forbidden|denied|0|#1','fix','01a20a10-91a8-7c56-83cd-e70494b3c93e','put','','fails','{"fingerprint":"fails|put|forbidden|denied|0|"}',0);
INSERT INTO "intents" VALUES('272c7b619884a8149dbac4b2f67a2020','01a20a10-91ae-70c4-b10e-0f329e37c642','alert:fails|put|forbidden|denied|0|#1','pause','01a20a10-91a8-7c56-83cd-e70494b3c93e','put','','fails','{"fingerprint":"fails|put|forbidden|denied|0|"}',0);
INSERT INTO "intents" VALUES('2b18f790f848d31dd514c2d1fd5f3051','01a20a10-91a0-7188-856b-801119626c0f','ask:01a20a10-9198-7346-b7a8-2bee04257b01/review','deny','01a20a10-9198-7346-b7a8-2bee04257b01','review','d380dca6f9620e79821c8224c62300fa5cd62a760c5959ce0d42908551d2b3b7','tour-asks',NULL,0);
INSERT INTO "intents" VALUES('3588c82d7943ab41437a14ad9e0e2b8c','01a20a10-9165-7c6f-b4d0-447bf4f6e21f','flow:fails@1','details','','','','fails',NULL,0);
INSERT INTO "intents" VALUES('35d0f6be218faa94ac6127d473cbcba8','01a20a10-91ae-70c4-b10e-0f329e37c642','alert:fails|put|forbidden|denied|0|#1','retry','01a20a10-91a8-7c56-83cd-e70494b3c93e','put','','fails','{"fingerprint":"fails|put|forbidden|denied|0|"}',0);
INSERT INTO "intents" VALUES('6f1d1de2555541111859e705b33bbfe8','01a20a10-91ae-70c4-b10e-0f329e37c642','alert:fails|put|forbidden|denied|0|#1','mute','01a20a10-91a8-7c56-83cd-e70494b3c93e','put','','fails','{"fingerprint":"fails|put|forbidden|denied|0|"}',0);
INSERT INTO "intents" VALUES('7208ece7988416b4f65750a5b22dd11a','01a20a10-9157-73c8-a538-b358471ef558','flow:tour-asks@1','details','','','','tour-asks',NULL,0);
INSERT INTO "intents" VALUES('749f418e8e09f45d6be736751be7fb74','01a20a10-91a0-7188-856b-801119626c0f','ask:01a20a10-9198-7346-b7a8-2bee04257b01/review','approve','01a20a10-9198-7346-b7a8-2bee04257b01','review','d380dca6f9620e79821c8224c62300fa5cd62a760c5959ce0d42908551d2b3b7','tour-asks',NULL,0);
INSERT INTO "intents" VALUES('844e9d3d30e78ea6e58d4ce88c118c44','01a20a10-91a0-7188-856b-801119626c0f','ask:01a20a10-9198-7346-b7a8-2bee04257b01/review','edit','01a20a10-9198-7346-b7a8-2bee04257b01','review','d380dca6f9620e79821c8224c62300fa5cd62a760c5959ce0d42908551d2b3b7','tour-asks',NULL,0);
INSERT INTO "intents" VALUES('98e63e20b1c8e3c6a249b02b31338603','01a20a10-91ae-70c4-b10e-0f329e37c642','alert:fails|put|forbidden|denied|0|#1','open','01a20a10-91a8-7c56-83cd-e70494b3c93e','put','','fails','{"fingerprint":"fails|put|forbidden|denied|0|"}',0);
INSERT INTO "intents" VALUES('a61375aa19e3f6ce61e796d81d344c8d','01a20a10-91a0-7188-856b-801119626c0f','ask:01a20a10-9198-7346-b7a8-2bee04257b01/review','details','01a20a10-9198-7346-b7a8-2bee04257b01','review','d380dca6f9620e79821c8224c62300fa5cd62a760c5959ce0d42908551d2b3b7','tour-asks',NULL,0);
CREATE TABLE members (
  name   TEXT NOT NULL REFERENCES groups(name),
  person TEXT NOT NULL REFERENCES persons(id),
  PRIMARY KEY (name, person)
) STRICT, WITHOUT ROWID;
INSERT INTO "members" VALUES('team','01a20a10-9107-7c2b-8157-b6e805718a4f');
CREATE TABLE messages (
  n            INTEGER PRIMARY KEY,
  id           TEXT NOT NULL UNIQUE,
  change       INTEGER NOT NULL UNIQUE,
  place        TEXT NOT NULL,
  place_thread TEXT NOT NULL,
  thread       TEXT NOT NULL,
  within       TEXT NOT NULL,             -- thread it stands in, whichever of the two says so
  by           TEXT NOT NULL,
  reader       TEXT NOT NULL,
  text         TEXT NOT NULL,
  card         TEXT,
  at           INTEGER NOT NULL,
  edited       INTEGER NOT NULL
) STRICT;
INSERT INTO "messages" VALUES(1,'m3633f24510d175f8dc6c4d08',1,'["console","","#general"]','','','','','','▶ ann published tour-asks, version 1
   A greeting that asks first
   Starts when: webhook.received','{"Key":"flow:tour-asks@1","Tone":"live","Title":[{"Kind":5,"Text":"ann","URL":"","At":0,"How":0,"ID":"01a20a10-9107-7c2b-8157-b6e805718a4f","Ping":false},{"Kind":0,"Text":" published ","URL":"","At":0,"How":0,"ID":"","Ping":false},{"Kind":1,"Text":"tour-asks","URL":"","At":0,"How":0,"ID":"","Ping":false},{"Kind":0,"Text":", version 1","URL":"","At":0,"How":0,"ID":"","Ping":false}],"Buttons":[{"ID":"details","Label":"Show","Style":"","Token":"7208ece7988416b4f65750a5b22dd11a","URL":""}],"Menus":null,"Text":"▶ ann published tour-asks, version 1\n   A greeting that asks first\n   Starts when: webhook.received","State":"resolved","Lang":"en","Blocks":[{"para":{"Line":[{"Kind":0,"Text":"A greeting that asks first","URL":"","At":0,"How":0,"ID":"","Ping":false}]}},{"note":{"Line":[{"Kind":0,"Text":"Starts when: webhook.received","URL":"","At":0,"How":0,"ID":"","Ping":false}]}}]}',1795465187677,0);
INSERT INTO "messages" VALUES(2,'m69b50e376a72bd593828e755',2,'["console","","#general"]','','','','','','▶ ann published fails, version 1
   One that fails
   Starts when: webhook.received','{"Key":"flow:fails@1","Tone":"live","Title":[{"Kind":5,"Text":"ann","URL":"","At":0,"How":0,"ID":"01a20a10-9107-7c2b-8157-b6e805718a4f","Ping":false},{"Kind":0,"Text":" published ","URL":"","At":0,"How":0,"ID":"","Ping":false},{"Kind":1,"Text":"fails","URL":"","At":0,"How":0,"ID":"","Ping":false},{"Kind":0,"Text":", version 1","URL":"","At":0,"How":0,"ID":"","Ping":false}],"Buttons":[{"ID":"details","Label":"Show","Style":"","Token":"3588c82d7943ab41437a14ad9e0e2b8c","URL":""}],"Menus":null,"Text":"▶ ann published fails, version 1\n   One that fails\n   Starts when: webhook.received","State":"resolved","Lang":"en","Blocks":[{"para":{"Line":[{"Kind":0,"Text":"One that fails","URL":"","At":0,"How":0,"ID":"","Ping":false}]}},{"note":{"Line":[{"Kind":0,"Text":"Starts when: webhook.received","URL":"","At":0,"How":0,"ID":"","Ping":false}]}}]}',1795465187689,0);
INSERT INTO "messages" VALUES(3,'m9c2586d350737869749313fa',3,'["console","","#general"]','','','','','','❓ tour-asks #1 · Greet Ada?
   for @team, 1 needed
   From  webhook.received /hooks/tour-asks, 20:19
   Will  ▲ Post into #general
     Hello Ada, what can I do for you?
   Plan d380dca6','{"Key":"ask:01a20a10-9198-7346-b7a8-2bee04257b01/review","Tone":"question","Title":[{"Kind":1,"Text":"tour-asks","URL":"","At":0,"How":0,"ID":"","Ping":false},{"Kind":0,"Text":" #1 · Greet Ada?","URL":"","At":0,"How":0,"ID":"","Ping":false}],"Buttons":[{"ID":"approve","Label":"Approve","Style":"primary","Token":"749f418e8e09f45d6be736751be7fb74","URL":""},{"ID":"edit","Label":"Edit and approve","Style":"","Token":"844e9d3d30e78ea6e58d4ce88c118c44","URL":""},{"ID":"deny","Label":"Deny","Style":"danger","Token":"2b18f790f848d31dd514c2d1fd5f3051","URL":""},{"ID":"details","Label":"Details","Style":"","Token":"a61375aa19e3f6ce61e796d81d344c8d","URL":""}],"Menus":null,"Text":"❓ tour-asks #1 · Greet Ada?\n   for @team, 1 needed\n   From  webhook.received /hooks/tour-asks, 20:19\n   Will  ▲ Post into #general\n     Hello Ada, what can I do for you?\n   Plan d380dca6","State":"open","Lang":"en","Blocks":[{"para":{"Line":[{"Kind":0,"Text":"for ","URL":"","At":0,"How":0,"ID":"","Ping":false},{"Kind":5,"Text":"@team","URL":"","At":0,"How":0,"ID":"","Ping":true},{"Kind":0,"Text":", 1 needed","URL":"","At":0,"How":0,"ID":"","Ping":false}]}},{"facts":{"Facts":[{"Label":"From","Value":[{"Kind":0,"Text":"webhook.received /hooks/tour-asks, ","URL":"","At":0,"How":0,"ID":"","Ping":false},{"Kind":4,"Text":"20:19","URL":"","At":1795465187736,"How":0,"ID":"","Ping":false}],"Risky":false},{"Label":"Will","Value":[{"Kind":0,"Text":"Post into #general","URL":"","At":0,"How":0,"ID":"","Ping":false}],"Risky":true}]}},{"pre":{"Text":"Hello Ada, what can I do for you?","Lang":"json"}},{"note":{"Line":[{"Kind":0,"Text":"Plan d380dca6","URL":"","At":0,"How":0,"ID":"","Ping":false}]}}]}',1795465187745,0);
INSERT INTO "messages" VALUES(4,'m24a555c531415ef6bda24c00',4,'["console","","#general"]','','','','','','▲ fails · step 1 http.request fails · 1 run since 20:19 (#2)
   @ann
   127.0.0.1:1 is inside a private network. If you mean a machine in your own network, set allow_private: true on this step.
   Sent    GET http://127.0.0.1:1/x
   So far  nothing was sent
   Next    these runs wait; new events still run; nothing is lost','{"Key":"alert:fails|put|forbidden|denied|0|#1","Tone":"bad","Title":[{"Kind":1,"Text":"fails","URL":"","At":0,"How":0,"ID":"","Ping":false},{"Kind":0,"Text":" · step 1 http.request fails · 1 run since ","URL":"","At":0,"How":0,"ID":"","Ping":false},{"Kind":4,"Text":"20:19","URL":"","At":1795465187756,"How":0,"ID":"","Ping":false},{"Kind":0,"Text":" (#2)","URL":"","At":0,"How":0,"ID":"","Ping":false}],"Buttons":[{"ID":"fix","Label":"Fix input","Style":"primary","Token":"1eb6901bb8113ba86658c4e7ea05c6f2","URL":""},{"ID":"retry","Label":"Retry","Style":"","Token":"35d0f6be218faa94ac6127d473cbcba8","URL":""},{"ID":"pause","Label":"Pause flow","Style":"danger","Token":"272c7b619884a8149dbac4b2f67a2020","URL":""},{"ID":"open","Label":"Open","Style":"","Token":"98e63e20b1c8e3c6a249b02b31338603","URL":""}],"Menus":[{"ID":"mute","Label":"Mute","Token":"6f1d1de2555541111859e705b33bbfe8","Options":[{"Value":"1h","Label":"for 1 hour","Help":""},{"Value":"8h","Label":"for 8 hours","Help":""},{"Value":"24h","Label":"for 1 day","Help":""},{"Value":"168h","Label":"for 7 days","Help":""},{"Value":"fixed","Label":"until it is fixed","Help":""}]}],"Text":"▲ fails · step 1 http.request fails · 1 run since 20:19 (#2)\n   @ann\n   127.0.0.1:1 is inside a private network. If you mean a machine in your own network, set allow_private: true on this step.\n   Sent    GET http://127.0.0.1:1/x\n   So far  nothing was sent\n   Next    these runs wait; new events still run; nothing is lost","State":"open","Lang":"en","Blocks":[{"para":{"Line":[{"Kind":5,"Text":"@ann","URL":"","At":0,"How":0,"ID":"01a20a10-9107-7c2b-8157-b6e805718a4f","Ping":true}]}},{"para":{"Line":[{"Kind":0,"Text":"127.0.0.1:1 is inside a private network. If you mean a machine in your own network, set allow_private: true on this step.","URL":"","At":0,"How":0,"ID":"","Ping":false}]}},{"facts":{"Facts":[{"Label":"Sent","Value":[{"Kind":0,"Text":"GET http://127.0.0.1:1/x","URL":"","At":0,"How":0,"ID":"","Ping":false}],"Risky":false},{"Label":"So far","Value":[{"Kind":0,"Text":"nothing was sent","URL":"","At":0,"How":0,"ID":"","Ping":false}],"Risky":false},{"Label":"Next","Value":[{"Kind":0,"Text":"these runs wait; new events still run; nothing is lost","URL":"","At":0,"How":0,"ID":"","Ping":false}],"Risky":false}]}}]}',1795465187760,0);
INSERT INTO "messages" VALUES(5,'mdab20e213b9e6d1ed20e10a3',5,'["console","","#general"]','','m24a555c531415ef6bda24c00','m24a555c531415ef6bda24c00','','','▲ #2 fails, 20:19: 127.0.0.1:1 is inside a private network. If you mean a machine in your own network, set allow_private: true on this step.','{"Key":"fail:01a20a10-91a8-7c56-83cd-e70494b3c93e/put","Tone":"bad","Title":[{"Kind":0,"Text":"#2 fails, ","URL":"","At":0,"How":0,"ID":"","Ping":false},{"Kind":4,"Text":"20:19","URL":"","At":1795465187756,"How":0,"ID":"","Ping":false},{"Kind":0,"Text":": 127.0.0.1:1 is inside a private network. If you mean a machine in your own network, set allow_private: true on this step.","URL":"","At":0,"How":0,"ID":"","Ping":false}],"Buttons":null,"Menus":null,"Text":"▲ #2 fails, 20:19: 127.0.0.1:1 is inside a private network. If you mean a machine in your own network, set allow_private: true on this step.","State":"resolved","Lang":"en","Blocks":[]}',1795465187763,0);
CREATE TABLE notices (
  n       INTEGER PRIMARY KEY,
  id      TEXT NOT NULL UNIQUE,
  at      INTEGER NOT NULL,
  kind    TEXT NOT NULL,
  topic   TEXT NOT NULL,
  flow    TEXT NOT NULL,
  run     TEXT NOT NULL,
  number  INTEGER NOT NULL,
  path    TEXT NOT NULL,
  place   TEXT NOT NULL,
  thread  TEXT NOT NULL,
  data    TEXT,
  settled INTEGER NOT NULL,               -- 0: not yet, else when
  later   INTEGER NOT NULL,               -- not before
  outcome TEXT NOT NULL                   -- printable
) STRICT;
INSERT INTO "notices" VALUES(1,'01a20a10-914c-75f4-8318-c09d9da78c57',1795465187660,'flow.published','flow:tour-asks','tour-asks','',0,'','["console","","#general"]','','{"version":1,"by":"01a20a10-9107-7c2b-8157-b6e805718a4f"}',1795465187679,0,'posted');
INSERT INTO "notices" VALUES(2,'01a20a10-9164-77c4-9ea3-1d3a2a56dc9d',1795465187684,'flow.published','flow:fails','fails','',0,'','["console","","#general"]','','{"version":1,"by":"01a20a10-9107-7c2b-8157-b6e805718a4f"}',1795465187690,0,'posted');
INSERT INTO "notices" VALUES(3,'01a20a10-919b-734b-9db4-ee91733969d8',1795465187736,'ask.wanted','ask:01a20a10-9198-7346-b7a8-2bee04257b01/review','tour-asks','01a20a10-9198-7346-b7a8-2bee04257b01',1,'review','["console","","#general"]','',NULL,1795465187746,0,'posted');
INSERT INTO "notices" VALUES(4,'01a20a10-91ac-72d2-a675-ecff9cae213c',1795465187756,'step.failed','fail:01a20a10-91a8-7c56-83cd-e70494b3c93e/put','fails','01a20a10-91a8-7c56-83cd-e70494b3c93e',2,'put','["console","","#general"]','','{"step":"put","index":1,"action":"http.request","failure":{"class":"forbidden","code":"denied","msg":"{peer} is inside a private network","args":{"peer":"127.0.0.1:1"},"hint":"If you mean a machine in your own network, set allow_private: true on this step.","peer":"127.0.0.1:1"}}',1795465187765,0,'first');
CREATE TABLE payloads (
  run  INTEGER NOT NULL,
  seq  INTEGER NOT NULL,
  data TEXT,
  blob TEXT,                              -- name of the file under blobs/ instead of data
  PRIMARY KEY (run, seq)
) STRICT, WITHOUT ROWID;
INSERT INTO "payloads" VALUES(1,1,'{"id":"01a20a10-9198-731f-8238-792ab755de2d","key":"","at":1795465187736,"trigger":"webhook.received","data":{"body":{"name":"Ada"},"headers":{"accept-encoding":"gzip","content-length":"15","content-type":"application/json","user-agent":"Go-http-client/1.1"},"method":"POST","path":"tour-asks","query":{}}}',NULL);
INSERT INTO "payloads" VALUES(1,2,'{"title":"Greet Ada?","plan":{"flow":"tour-asks","version":1,"steps":[{"id":"greet","action":"chat.message.post","risk":"write","input":{"text":"Hello Ada, what can I do for you?","to":"#general"}}]}}',NULL);
INSERT INTO "payloads" VALUES(2,1,'{"id":"01a20a10-91a8-7e45-b3c0-b100355dc2b7","key":"k1","at":1795465187752,"trigger":"webhook.received","data":{"body":{"id":"k1","name":"x"},"headers":{"accept-encoding":"gzip","content-length":"23","content-type":"application/json","user-agent":"Go-http-client/1.1"},"method":"POST","path":"fails","query":{}}}',NULL);
INSERT INTO "payloads" VALUES(2,2,'{"method":"GET","url":"http://127.0.0.1:1/x"}',NULL);
CREATE TABLE persons (
  id       TEXT PRIMARY KEY,
  name     TEXT NOT NULL,
  folded   TEXT NOT NULL UNIQUE,          -- the name without case
  role     TEXT NOT NULL,
  lang     TEXT NOT NULL,
  timezone TEXT NOT NULL,
  created  INTEGER NOT NULL
) STRICT;
INSERT INTO "persons" VALUES('01a20a10-9107-7c2b-8157-b6e805718a4f','ann','ann','admin','','',1795465187591);
CREATE TABLE runs (
  number  INTEGER PRIMARY KEY AUTOINCREMENT,
  id      TEXT NOT NULL UNIQUE,
  flow    TEXT NOT NULL,
  version INTEGER NOT NULL,
  status  TEXT NOT NULL,
  ready   INTEGER NOT NULL,               -- 1: queued, and its flow is not paused
  seq     INTEGER NOT NULL,               -- last entry
  state   BLOB,                           -- snapshot after it; NULL: entry 1 is not applied yet
  trigger TEXT NOT NULL,
  key     TEXT NOT NULL,
  by      TEXT NOT NULL,
  started INTEGER NOT NULL,
  ended   INTEGER NOT NULL,               -- 0: not yet
  reason  TEXT NOT NULL
) STRICT;
INSERT INTO "runs" VALUES(1,'01a20a10-9198-7346-b7a8-2bee04257b01','tour-asks',1,'waiting',0,2,X'7B22666F726D6174223A312C22736571223A322C226174223A313739353436353138373733362C2268656164223A7B2272756E223A2230316132306131302D393139382D373334362D623761382D326265653034323537623031222C226E756D626572223A312C22666C6F77223A22746F75722D61736B73222C2276657273696F6E223A312C2274726967676572223A22746F75722D61736B733A776562686F6F6B2E72656365697665643A316536383933303431376332222C22656469746F72223A2230316132306131302D393130372D376332622D383135372D623665383035373138613466227D2C2272756E223A2277616974696E67222C22746F6C64223A747275652C226672616D6573223A5B7B22626C6F636B223A22222C226E657874223A317D5D2C22616374697665223A7B22726576696577223A7B227068617365223A2261736B227D7D2C2261736B73223A7B22726576696577223A7B227374617465223A226F70656E222C22736571223A322C227365656E223A312C2268617368223A2264333830646361366639363230653739383231633832323463363233303066613563643632613736306335393539636530643432393038353531643262336237222C227265766973696F6E223A312C22636F76657273223A5B226772656574225D2C226D6F6465223A22616E79222C2267726F757073223A5B22407465616D225D2C226E656564223A312C2265646974223A5B2267726565742E74657874225D2C226F70656E6564223A313739353436353138373733367D7D7D','webhook.received','','',1795465187736,0,'');
INSERT INTO "runs" VALUES(2,'01a20a10-91a8-7c56-83cd-e70494b3c93e','fails',1,'parked',0,4,X'7B22666F726D6174223A312C22736571223A342C226174223A313739353436353138373735362C2268656164223A7B2272756E223A2230316132306131302D393161382D376335362D383363642D653730343934623363393365222C226E756D626572223A322C22666C6F77223A226661696C73222C2276657273696F6E223A312C2274726967676572223A226661696C733A776562686F6F6B2E72656365697665643A636638346636346137653935222C22656469746F72223A2230316132306131302D393130372D376332622D383135372D623665383035373138613466227D2C2272756E223A227061726B6564222C22746F6C64223A747275652C226672616D6573223A5B7B22626C6F636B223A22222C226E657874223A317D5D2C22616374697665223A7B22707574223A7B227068617365223A227061726B6564222C22617474656D7074223A312C22696E707574223A322C22726570656174223A747275652C226661696C757265223A7B22636C617373223A22666F7262696464656E222C22636F6465223A2264656E696564222C226D7367223A227B706565727D20697320696E7369646520612070726976617465206E6574776F726B222C2261726773223A7B2270656572223A223132372E302E302E313A31227D2C2268696E74223A22496620796F75206D65616E2061206D616368696E6520696E20796F7572206F776E206E6574776F726B2C2073657420616C6C6F775F707269766174653A2074727565206F6E207468697320737465702E222C2270656572223A223132372E302E302E313A31227D2C2273656E74223A313739353436353138373735322C22616C6572746564223A747275657D7D7D','webhook.received','k1','',1795465187752,0,'');
CREATE TABLE secrets (
  name    TEXT PRIMARY KEY,
  version INTEGER NOT NULL,
  origin  TEXT NOT NULL,
  header  TEXT NOT NULL,
  wrapped BLOB,                           -- NULL: deleted; the version is kept, it never comes again
  sealed  BLOB,
  at      INTEGER NOT NULL
) STRICT;
INSERT INTO "secrets" VALUES('hook_key',1,'','',X'85983ECEE708731D2441C404847A2E64546E0D812922CA1A1006012974A5494EA9978E6797A8004B43D7866F2CAC80CCF5A8C6B6F3F452C88441A591',X'71B4FD3835DA48EB31FD5F348B368ECE22BADDA2E58A1672674FCB0A2B42FDF0AD117B4AB38683DA',1795465187630);
CREATE TABLE sessions (
  hash    TEXT PRIMARY KEY,
  person  TEXT NOT NULL,
  expires INTEGER NOT NULL
) STRICT;
CREATE TABLE settings (
  key   TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT;
INSERT INTO "settings" VALUES('installation.id','01a20a10-4224-7d3e-a6cf-921fcde4f9cb');
INSERT INTO "settings" VALUES('vault.check','IpaL30Khw0YOzJoP899nXYjnuqn0Bk6jKzUBN6q1Oj8AvARE');
INSERT INTO "settings" VALUES('bot.alive','1795465167404');
CREATE TABLE tasks (
  run     INTEGER NOT NULL,
  path    TEXT NOT NULL,
  attempt INTEGER NOT NULL,
  probe   INTEGER NOT NULL,
  started INTEGER NOT NULL,
  task    TEXT NOT NULL,
  thread  TEXT NOT NULL,
  PRIMARY KEY (run, path, attempt)
) STRICT, WITHOUT ROWID;
CREATE TABLE tickets (
  hash    TEXT PRIMARY KEY,
  kind    TEXT NOT NULL,
  person  TEXT NOT NULL,
  expires INTEGER NOT NULL
) STRICT;
INSERT INTO "tickets" VALUES('e14edc918b62147ba4afb57f60ca78747f11a6857cf5fecec4ec590a38797a16','first-admin','',1795465767406);
CREATE TABLE timers (
  run INTEGER NOT NULL,
  id  TEXT NOT NULL,
  at  INTEGER NOT NULL,
  PRIMARY KEY (run, id)
) STRICT, WITHOUT ROWID;
CREATE TABLE trigger_keys (
  trigger TEXT NOT NULL,
  key     TEXT NOT NULL,
  event   TEXT NOT NULL,
  run     INTEGER,
  at      INTEGER NOT NULL,
  PRIMARY KEY (trigger, key)
) STRICT, WITHOUT ROWID;
INSERT INTO "trigger_keys" VALUES('fails:webhook.received:cf84f64a7e95','k1','01a20a10-91a8-7e45-b3c0-b100355dc2b7',2,1795465187752);
CREATE TABLE versions (
  flow      TEXT NOT NULL REFERENCES flows(name),
  number    INTEGER NOT NULL,
  source    TEXT NOT NULL,
  by        TEXT NOT NULL,
  at        INTEGER NOT NULL,
  contracts TEXT NOT NULL,
  PRIMARY KEY (flow, number)
) STRICT;
INSERT INTO "versions" VALUES('tour-asks',1,'# Five minutes, part one: a flow that asks before it acts.
flow: tour-asks
title: A greeting that asks first
channel: "#general"
trigger:
  on: webhook.received
  with: {path: tour-asks, sender: unsigned}
steps:
  - id: review
    ask: approval
    covers: [greet]
    with:
      title: "Greet {{ event.body.name }}?"
      by: {any: ["@team"], need: 1}
      edit: [greet.text]
  - id: greet
    do: chat.message.post
    with: {to: "#general", text: "Hello {{ event.body.name }}, what can I do for you?"}
','01a20a10-9107-7c2b-8157-b6e805718a4f',1795465187660,'{"chat.message.post":"638baadca30edb2458b3b63e6d658570d00fafe37e46a7e3614cc806b43281dd"}');
INSERT INTO "versions" VALUES('fails',1,'flow: fails
title: One that fails
channel: "#general"
trigger:
  on: webhook.received
  with: {path: fails, sender: unsigned}
  key: "{{ event.body.id }}"
steps:
  - id: put
    do: http.request
    with: {method: GET, url: "http://127.0.0.1:1/x"}
','01a20a10-9107-7c2b-8157-b6e805718a4f',1795465187684,'{"http.request":"f6f1eee0e7ba2144948d693285733f1fca93746f8d4a43f6747d78a7541f00e8"}');
CREATE INDEX runs_flow ON runs(flow, number);
CREATE INDEX runs_ready ON runs(number) WHERE ready = 1;
CREATE INDEX runs_open ON runs(number) WHERE ended = 0;
CREATE INDEX payloads_blob ON payloads(blob) WHERE blob IS NOT NULL;
CREATE INDEX events_flow ON events(flow, n);
CREATE INDEX event_payloads_blob ON event_payloads(blob) WHERE blob IS NOT NULL;
CREATE INDEX timers_at ON timers(at);
CREATE INDEX notices_open ON notices(n) WHERE settled = 0;
CREATE INDEX notices_run ON notices(run) WHERE run <> '';
CREATE INDEX cards_open ON cards(n) WHERE state = 'open';
CREATE INDEX deliveries_open ON deliveries(surface, n) WHERE done = 0;
CREATE INDEX messages_place ON messages(place, n);
CREATE INDEX identities_person ON identities(person);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('goose_db_version',2);
INSERT INTO "sqlite_sequence" VALUES('runs',2);
COMMIT;
